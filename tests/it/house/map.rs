//! Follows a path to the file which defines what it names, through modules, `use` and `pub use`.

use super::source::{House, Item};

/// What a path leads to.
pub enum Target {
    /// An item, or with `is_module` a module, of this file.
    File { file: usize, is_module: bool },
    /// A crate from outside: the whole path in it.
    Outside(Vec<String>),
}

/// The way of one path.
pub struct Way {
    pub target: Target,
    /// The modules whose own text gave a name of it: their `pub use`, or their definition.
    pub through: Vec<usize>,
}

/// So many `pub use` may stand behind each other; more are a circle of them.
const FOLLOWED_MAX: usize = 16;

impl House {
    /// Where a path leads that is written in a module; `None`: to nothing that is a module, as `Self::new`.
    pub fn follow(&self, from: usize, path: &[String]) -> Option<Way> {
        let mut through = Vec::new();
        let target = self.lead(from, path, &mut through, 0)?;
        Some(Way { target, through })
    }

    fn lead(&self, from: usize, path: &[String], through: &mut Vec<usize>, deep: usize) -> Option<Target> {
        if deep > FOLLOWED_MAX {
            return None;
        }
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.enter(self.root_of(from), rest, through, deep),
            "maildesk" => self.enter(self.roots[0], rest, through, deep),
            "self" => self.enter(from, rest, through, deep),
            "super" => self.enter(self.modules[from].parent?, rest, through, deep),
            "" => Some(Target::Outside(rest.to_vec())),
            _ => self.find(from, path, through, deep).or_else(|| outside(path)),
        }
    }

    /// The first name is that of a module, of a `use` or of an item here.
    fn find(&self, from: usize, path: &[String], through: &mut Vec<usize>, deep: usize) -> Option<Target> {
        let here = &self.modules[from];
        let known = here.items.contains_key(&path[0]) || here.children.contains_key(&path[0]);
        if known || !here.globs.is_empty() { self.enter(from, path, through, deep) } else { None }
    }

    /// Walks down from a module.
    fn enter(&self, module: usize, path: &[String], through: &mut Vec<usize>, deep: usize) -> Option<Target> {
        let here = &self.modules[module];
        let Some((first, rest)) = path.split_first() else {
            return Some(Target::File { file: here.file, is_module: true });
        };
        match here.items.get(first) {
            _ if first == "super" => self.enter(here.parent?, rest, through, deep),
            _ if first == "self" => self.enter(module, rest, through, deep),
            // What is followed by more is a module, where there is one of this name.
            item if here.children.contains_key(first) && (item.is_none() || !rest.is_empty()) => {
                self.enter(here.children[first], rest, through, deep)
            }
            Some(Item::Own) => {
                through.push(module);
                Some(Target::File { file: here.file, is_module: false })
            }
            // `use x;` of a crate x stands for itself.
            Some(Item::Used(whole)) if whole.len() == 1 && whole[0] == *first => {
                Some(Target::Outside([whole, rest].concat()))
            }
            Some(Item::Used(whole)) => {
                through.push(module);
                self.lead(module, &[whole, rest].concat(), through, deep + 1)
            }
            None => here.globs.iter().find_map(|glob| {
                let mut beyond = through.clone();
                beyond.push(module);
                let found = match self.lead(module, glob, &mut Vec::new(), deep + 1)? {
                    Target::File { file, is_module: true } => {
                        let inner = self.modules.iter().position(|m| m.file == file)?;
                        (inner != module).then(|| self.enter(inner, path, &mut beyond, deep + 1))?
                    }
                    _ => None,
                }?;
                *through = beyond;
                Some(found)
            }),
        }
    }

    fn root_of(&self, mut module: usize) -> usize {
        while let Some(parent) = self.modules[module].parent {
            module = parent;
        }
        module
    }

    /// Whether `module` is above `of` in the tree of modules, in another file.
    pub fn is_above(&self, module: usize, of: usize) -> bool {
        let mut at = self.modules[of].parent;
        while let Some(above) = at {
            if above == module {
                return self.modules[module].file != self.modules[of].file;
            }
            at = self.modules[above].parent;
        }
        false
    }
}

/// A path that begins with a small letter and that nobody here defines begins with a crate.
fn outside(path: &[String]) -> Option<Target> {
    let is_crate = path[0].starts_with(|c: char| c.is_ascii_lowercase());
    is_crate.then(|| Target::Outside(path.to_vec()))
}
