//! Reads sources into what the house asks of them: which modules there are, which names they define, and
//! every path and every text in them. It works on tokens, so it sees macros, patterns, types and attributes.
//! `#[cfg(test)]` before a `mod` or a `fn` hides that one item, and nothing else is hidden.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::collections::{BTreeMap, HashMap};

/// What a name in a module stands for, unless it is a module.
pub enum Item {
    /// Something that is defined there.
    Own,
    /// A `use`: the path that it stands for.
    Used(Vec<String>),
}

#[derive(Default)]
pub struct Module {
    /// The number of its file.
    pub file: usize,
    pub parent: Option<usize>,
    /// Modules have names of their own: a function may be called as its module is.
    pub children: HashMap<String, usize>,
    pub items: HashMap<String, Item>,
    /// The paths before `::*`.
    pub globs: Vec<Vec<String>>,
}

/// One path as it is written, with the names that `use` gives inside functions already put in.
pub struct Named {
    pub module: usize,
    pub line: usize,
    pub path: Vec<String>,
    /// It ends with `::*` in a `use`.
    pub is_glob: bool,
}

/// One text between quotes.
pub struct Text {
    pub line: usize,
    pub text: String,
    /// It is compared with `==` or `!=`.
    pub is_compared: bool,
    /// The macro whose argument it is, or nothing.
    pub within: String,
}

#[derive(Default)]
pub struct File {
    /// `src/mail/parse.rs`.
    pub path: String,
    /// No module that is compiled into the program names it.
    pub is_test: bool,
    pub named: Vec<Named>,
    pub texts: Vec<Text>,
    /// Other words of the code with their lines, such as `async` and `last_insert_rowid`.
    pub words: Vec<(usize, String)>,
    /// The names of its constants.
    pub constants: Vec<(usize, String)>,
}

#[derive(Default)]
pub struct House {
    pub files: Vec<File>,
    pub modules: Vec<Module>,
    /// The modules `crate` of lib.rs and of main.rs.
    pub roots: Vec<usize>,
}

impl House {
    /// All files of a tree (path to text) that begin with `src/` and end with `.rs`.
    pub fn read(tree: &BTreeMap<String, String>) -> Self {
        let paths = tree.keys().filter(|p| p.starts_with("src/") && p.ends_with(".rs"));
        let files = paths.map(|path| File { path: path.clone(), is_test: true, ..File::default() }).collect();
        let house = Self { files, ..Self::default() };
        let mut reader = Reader { tree, house, scopes: Vec::new() };
        for root in ["src/lib.rs", "src/main.rs"] {
            let module = reader.file(root, None);
            reader.house.roots.extend(module);
        }
        reader.house
    }

    fn index(&self, path: &str) -> Option<usize> {
        self.files.iter().position(|f| f.path == path)
    }

    pub fn file_of(&self, module: usize) -> &File {
        &self.files[self.modules[module].file]
    }
}

struct Reader<'a> {
    tree: &'a BTreeMap<String, String>,
    house: House,
    /// What `use` gives inside the functions that the reading is in, the innermost last.
    scopes: Vec<HashMap<String, Vec<String>>>,
}

impl Reader<'_> {
    /// Reads the file of a module, and those of its children: its number, if there is such a file.
    fn file(&mut self, path: &str, parent: Option<usize>) -> Option<usize> {
        let file = self.house.index(path)?;
        self.house.files[file].is_test = false;
        let tokens: TokenStream = self.tree[path].parse().unwrap_or_else(|e| panic!("{path}: {e}"));
        Some(self.module(file, parent, tokens))
    }

    fn module(&mut self, file: usize, parent: Option<usize>, tokens: TokenStream) -> usize {
        self.house.modules.push(Module { file, parent, ..Module::default() });
        let module = self.house.modules.len() - 1;
        let scopes = std::mem::take(&mut self.scopes);
        self.walk(&tokens.into_iter().collect::<Vec<_>>(), module, "");
        self.scopes = scopes;
        module
    }

    /// The file of `mod name;` in a file.
    fn child(&self, of: &str, name: &str, given: Option<&str>) -> Option<String> {
        let (folder, file) = of.rsplit_once('/').expect("it lies in a folder");
        let own = match file {
            "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
            other => format!("{folder}/{}", other.trim_end_matches(".rs")),
        };
        let at = [format!("{own}/{name}.rs"), format!("{own}/{name}/mod.rs")];
        match given {
            Some(given) => Some(format!("{folder}/{given}")),
            None => at.into_iter().find(|p| self.house.index(p).is_some()),
        }
    }

    /// Reads tokens; `within` names the macro whose argument they are.
    fn walk(&mut self, tokens: &[TokenTree], module: usize, within: &str) {
        let mut at = 0;
        let mut given = None;
        while at < tokens.len() {
            if let Some(attribute) = attribute(tokens, at) {
                let end = if is_cfg_test(attribute) { end_of_test_item(tokens, at + 2) } else { None };
                if end.is_none() && !is_doc(attribute) {
                    given = path_of(attribute).or(given);
                    self.group(attribute, module, "attribute");
                }
                at = end.unwrap_or(at + 2);
                continue;
            }
            match &tokens[at] {
                TokenTree::Group(group) => self.group(group, module, within),
                TokenTree::Literal(_) => self.literal(tokens, at, module, within),
                TokenTree::Punct(_) => {}
                TokenTree::Ident(_) => {
                    at = self.word(tokens, at, module, &mut given);
                    continue;
                }
            }
            at += 1;
        }
    }

    /// What stands between brackets; a `use` in it holds for what is between them.
    fn group(&mut self, group: &Group, module: usize, within: &str) {
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        let mut scope = HashMap::new();
        for at in 0..tokens.len() {
            if let Some(end) = end_of_use(&tokens, at) {
                scope.extend(leaves(&tokens[at + 1..end]).into_iter().map(|l| (l.name, l.path)));
            }
        }
        self.scopes.push(scope);
        self.walk(&tokens, module, within);
        self.scopes.pop();
    }

    fn literal(&mut self, tokens: &[TokenTree], at: usize, module: usize, within: &str) {
        let text = tokens[at].to_string();
        if text.contains('"') {
            let compares = |i: usize| two(tokens, i, "==") || two(tokens, i, "!=");
            let is_compared = (at >= 2 && compares(at - 2)) || compares(at + 1);
            let line = tokens[at].span().start().line;
            let text = Text { line, text: plain(&text), is_compared, within: within.to_owned() };
            self.here(module).texts.push(text);
        }
    }

    /// Reads what begins with a word, and says where it goes on. `given` is the path that stands before
    /// `mod`.
    fn word(&mut self, tokens: &[TokenTree], at: usize, module: usize, given: &mut Option<String>) -> usize {
        let word = tokens[at].to_string();
        let line = tokens[at].span().start().line;
        if let Some(end) = end_of_use(tokens, at) {
            for leaf in leaves(&tokens[at + 1..end]) {
                self.used(module, leaf);
            }
            return end;
        }
        // `pub(in crate::desk)` knows nothing.
        if word == "pub" && is_group(tokens.get(at + 1), Delimiter::Parenthesis) {
            return at + 2;
        }
        if let ("mod", Some(TokenTree::Ident(name))) = (word.as_str(), tokens.get(at + 1)) {
            self.child_module(&name.to_string(), tokens.get(at + 2), module, given.take());
            return at + 3;
        }
        if let Some(name) = defined(tokens, at) {
            *given = None;
            if word == "const" {
                self.here(module).constants.push((line, name.clone()));
            }
            if self.scopes.is_empty() {
                self.house.modules[module].items.insert(name, Item::Own);
            }
        }
        self.path(tokens, at, module)
    }

    fn child_module(&mut self, name: &str, body: Option<&TokenTree>, module: usize, given: Option<String>) {
        let file = self.house.modules[module].file;
        let path = self.house.files[file].path.clone();
        let child = match body {
            Some(TokenTree::Group(body)) => Some(self.module(file, Some(module), body.stream())),
            _ => self.child(&path, name, given.as_deref()).and_then(|p| self.file(&p, Some(module))),
        };
        let child = child.unwrap_or_else(|| panic!("{path}: no file of mod {name}"));
        self.house.modules[module].children.insert(name.to_owned(), child);
    }

    /// Reads a word and the path that may begin with it, and what stands in brackets behind a macro.
    fn path(&mut self, tokens: &[TokenTree], at: usize, module: usize) -> usize {
        let line = tokens[at].span().start().line;
        let path = path_at(tokens, at);
        let last = at + (path.len() - 1) * 3;
        let is_field = at > 0 && is_punct(tokens.get(at - 1), '.') && !(at > 1 && two(tokens, at - 2, ".."));
        if path.len() > 1 && !is_field {
            let outside = at > 1 && two(tokens, at - 2, "::");
            let whole = match self.scopes.iter().rev().find_map(|s| s.get(&path[0])) {
                _ if outside => [vec![String::new()], path.clone()].concat(),
                Some(used) => [used.clone(), path[1..].to_vec()].concat(),
                None => path.clone(),
            };
            self.here(module).named.push(Named { module, line, path: whole, is_glob: false });
        }
        self.here(module).words.push((line, path[0].clone()));
        match tokens.get(last + 2) {
            Some(TokenTree::Group(group)) if is_punct(tokens.get(last + 1), '!') => {
                self.group(group, module, &path[path.len() - 1]);
                last + 3
            }
            _ => last + 1,
        }
    }

    fn used(&mut self, module: usize, leaf: Leaf) {
        let is_glob = leaf.name == "*";
        let path = leaf.path.clone();
        self.here(module).named.push(Named { module, line: leaf.line, path, is_glob });
        if is_glob {
            self.house.modules[module].globs.push(leaf.path);
        } else if self.scopes.is_empty() {
            self.house.modules[module].items.insert(leaf.name, Item::Used(leaf.path));
        }
    }

    /// The file of a module.
    fn here(&mut self, module: usize) -> &mut File {
        &mut self.house.files[self.house.modules[module].file]
    }
}

/// The name that the item beginning here defines.
fn defined(tokens: &[TokenTree], at: usize) -> Option<String> {
    let word = tokens[at].to_string();
    let kinds = ["struct", "enum", "union", "trait", "type", "fn", "const", "static", "macro_rules"];
    if !kinds.contains(&word.as_str()) {
        return None;
    }
    let mut rest = tokens[at + 1..].iter().skip_while(|t| is_punct(Some(t), '!') || is_word(Some(t), "mut"));
    match rest.next() {
        Some(TokenTree::Ident(name)) => {
            Some(name.to_string()).filter(|n| !["fn", "unsafe", "async", "extern"].contains(&n.as_str()))
        }
        _ => None,
    }
}

/// Where the `use` ends that begins here; `use<..>` of a type is none.
fn end_of_use(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let begins = is_word(tokens.get(at), "use") && !is_punct(tokens.get(at + 1), '<');
    begins.then(|| (at..tokens.len()).find(|i| is_punct(tokens.get(*i), ';')).unwrap_or(tokens.len()))
}

/// One path of a `use`, and the name that it gives (`*` for all).
struct Leaf {
    line: usize,
    path: Vec<String>,
    name: String,
}

/// The paths of `a::{b, c::{self, d as e}, f::*}`.
fn leaves(tokens: &[TokenTree]) -> Vec<Leaf> {
    let mut out = Vec::new();
    for branch in tokens.split(|t| is_punct(Some(t), ',')) {
        let mut path: Vec<String> = Vec::new();
        let mut leaf: Option<Leaf> = None;
        if branch.first().is_some_and(|t| is_punct(Some(t), ':')) {
            path.push(String::new());
        }
        for (at, token) in branch.iter().enumerate() {
            match token {
                TokenTree::Ident(word) if word == "as" => {
                    if let (Some(leaf), Some(name)) = (&mut leaf, branch.get(at + 1)) {
                        leaf.name = name.to_string();
                    }
                    break;
                }
                TokenTree::Ident(word) => {
                    let line = word.span().start().line;
                    path.push(word.to_string());
                    leaf = Some(Leaf { line, path: path.clone(), name: word.to_string() });
                }
                TokenTree::Punct(p) if p.as_char() == '*' => {
                    let line = p.span().start().line;
                    leaf = Some(Leaf { line, path: path.clone(), name: "*".to_owned() });
                }
                TokenTree::Group(group) => {
                    leaf = None;
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    for mut one in leaves(&inner) {
                        one.path.splice(0..0, path.iter().cloned());
                        // `{self}` stands for what is before it.
                        if one.path.last().is_some_and(|l| l == "self") && one.path.len() > 1 {
                            one.path.pop();
                            if one.name == "self" {
                                one.name = one.path.last().expect("a name").clone();
                            }
                        }
                        out.push(one);
                    }
                }
                _ => {}
            }
        }
        out.extend(leaf);
    }
    out
}

/// The path that begins here: `a::b::c`.
fn path_at(tokens: &[TokenTree], mut at: usize) -> Vec<String> {
    let mut out = Vec::new();
    while let Some(TokenTree::Ident(word)) = tokens.get(at) {
        out.push(word.to_string());
        if !two(tokens, at + 1, "::") {
            break;
        }
        at += 3;
    }
    out
}

fn attribute(tokens: &[TokenTree], at: usize) -> Option<&Group> {
    if !is_punct(tokens.get(at), '#') {
        return None;
    }
    match tokens.get(at + 1) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => Some(group),
        _ => None,
    }
}

fn is_cfg_test(attribute: &Group) -> bool {
    attribute.stream().to_string().replace(' ', "") == "cfg(test)"
}

fn is_doc(attribute: &Group) -> bool {
    attribute.stream().into_iter().next().is_some_and(|t| t.to_string() == "doc")
}

/// The text of `#[path = ".."]`.
fn path_of(attribute: &Group) -> Option<String> {
    let text = attribute.stream().to_string();
    text.strip_prefix("path = ").map(|p| p.trim_matches('"').to_owned())
}

/// Where the item ends that a `#[cfg(test)]` stands before, if it is a `mod` or a `fn`.
fn end_of_test_item(tokens: &[TokenTree], mut at: usize) -> Option<usize> {
    while attribute(tokens, at).is_some() {
        at += 2;
    }
    while let Some(TokenTree::Ident(word)) = tokens.get(at) {
        match word.to_string().as_str() {
            "mod" | "fn" => {
                let ends = |t: &TokenTree| is_punct(Some(t), ';') || is_group(Some(t), Delimiter::Brace);
                return tokens[at..].iter().position(ends).map(|n| at + n + 1);
            }
            "pub" if is_group(tokens.get(at + 1), Delimiter::Parenthesis) => at += 2,
            "pub" | "const" | "async" | "unsafe" => at += 1,
            _ => return None,
        }
    }
    None
}

/// A text without its quotes, lines that go on joined.
fn plain(literal: &str) -> String {
    let inner = literal.trim_start_matches(['b', 'r', 'c']).trim_matches('#');
    let inner = inner.strip_prefix('"').and_then(|i| i.strip_suffix('"')).unwrap_or(inner);
    let mut out = String::new();
    for (number, line) in inner.split("\\\n").enumerate() {
        out.push_str(if number == 0 { line } else { line.trim_start() });
    }
    out.replace("\\\"", "\"").replace("\\n", "\n")
}

fn is_word(token: Option<&TokenTree>, word: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(i)) if i == word)
}

fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == sign)
}

fn is_group(token: Option<&TokenTree>, delimiter: Delimiter) -> bool {
    matches!(token, Some(TokenTree::Group(g)) if g.delimiter() == delimiter)
}

/// Two signs that stand together, such as `::`.
fn two(tokens: &[TokenTree], at: usize, signs: &str) -> bool {
    signs.chars().enumerate().all(|(n, sign)| is_punct(tokens.get(at + n), sign))
}
