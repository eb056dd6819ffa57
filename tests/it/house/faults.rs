//! What is against the law of the house: each fault with file and line, and with a key that stays the same
//! when lines move.

use super::map::{Target, Way};
use super::source::{File, House, Named};
use super::table::{self, CRATES, ROOMS, SHARED_BY_EDGES};
use std::collections::{BTreeMap, BTreeSet};

const LINES_MAX: usize = 450;
const COLUMNS_MAX: usize = 110;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// What it is, without a line number: an entry of the list of debts.
    pub key: String,
    pub line: usize,
    pub path: String,
}

impl Fault {
    pub fn new(path: &str, line: usize, kind: &str, what: &str) -> Self {
        Self { key: format!("{kind}: {path} {what}"), line, path: path.to_owned() }
    }
}

/// Who knows whom: from, to, and the first line that says so.
type Arrows = BTreeMap<(usize, usize), usize>;

/// All faults of a tree (path to text), sorted by their keys.
pub fn faults(tree: &BTreeMap<String, String>, house: &House) -> Vec<Fault> {
    let mut out = sizes(tree);
    let arrows = paths(house, &mut out);
    circles(house, &arrows, &mut out);
    for file in house.files.iter().filter(|f| !f.is_test) {
        super::words::check(file, &mut out);
    }
    out.sort();
    out
}

/// What is new against a list of debts, with file and line, and what of the list is no fault any more.
pub fn compare(found: &[Fault], list: &str) -> (Vec<String>, Vec<String>) {
    let mut owed: BTreeMap<&str, usize> = BTreeMap::new();
    for line in list.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        *owed.entry(line).or_default() += 1;
    }
    let mut new = Vec::new();
    for fault in found {
        match owed.get_mut(fault.key.as_str()) {
            Some(left) if *left > 0 => *left -= 1,
            _ => new.push(format!("{}:{}: {}", fault.path, fault.line, fault.key)),
        }
    }
    let mended = owed.into_iter().flat_map(|(key, left)| vec![key.to_owned(); left]);
    (new, mended.collect())
}

fn sizes(tree: &BTreeMap<String, String>) -> Vec<Fault> {
    let mut out = Vec::new();
    for (path, text) in tree.iter().filter(|(p, _)| p.ends_with(".rs")) {
        let lines = text.lines().count();
        if lines > LINES_MAX {
            out.push(Fault::new(path, lines, "long", "has too many lines"));
        }
        for (number, line) in text.lines().enumerate() {
            if line.chars().count() > COLUMNS_MAX {
                out.push(Fault::new(path, number + 1, "wide", "has a line of too many columns"));
            }
        }
    }
    out
}

/// Follows every path; returns who knows whom.
fn paths(house: &House, out: &mut Vec<Fault>) -> Arrows {
    let mut arrows = Arrows::new();
    let mut seen = BTreeSet::new();
    for file in house.files.iter().filter(|f| !f.is_test) {
        for named in &file.named {
            let Some(way) = house.follow(named.module, &named.path) else { continue };
            let mut found = through(house, file, named, &way);
            match way.target {
                // What a file of ours takes from a crate and hands on is that file's.
                Target::Outside(_) if way.through.iter().any(|m| house.file_of(*m).path != file.path) => {}
                Target::Outside(path) => found.extend(outside(&file.path, &path)),
                Target::File { file: to, .. } if house.files[to].path == file.path => {}
                Target::File { file: to, is_module } => {
                    found.extend(arrow(house, file, named, to, is_module));
                    if !is_module || named.is_glob {
                        let from = house.modules[named.module].file;
                        arrows.entry((from, to)).or_insert(named.line);
                    }
                }
            }
            for (kind, what) in found {
                let fault = Fault::new(&file.path, named.line, kind, &what);
                if seen.insert(fault.key.clone()) {
                    out.push(fault);
                }
            }
        }
    }
    arrows
}

/// A kind of fault, and what it is.
type Found = (&'static str, String);

/// What a path takes from a module above its own, which only hands it on or is a mod.rs.
fn through(house: &House, file: &File, named: &Named, way: &Way) -> Vec<Found> {
    let mut out = Vec::new();
    for above in &way.through {
        let of = &house.file_of(*above).path;
        let defines = matches!(way.target, Target::File { file, .. } if file == house.modules[*above].file);
        if house.is_above(*above, named.module) && *of != file.path && (is_mod(of) || !defines) {
            let name = named.path.last().expect("a name");
            out.push(("own mod.rs", format!("takes {name} from {of}")));
        }
    }
    out
}

/// What is wrong with one arrow from a file to another.
fn arrow(house: &House, file: &File, named: &Named, to: usize, is_module: bool) -> Vec<Found> {
    let to_path = &house.files[to].path;
    let mut out: Vec<Found> = upward(&file.path, to_path, is_module && !named.is_glob).into_iter().collect();
    if named.is_glob && is_mod(to_path) && !is_mod(&file.path) {
        out.push(("own mod.rs", format!("takes * from {to_path}")));
    }
    if let [.., kind, new] = named.path.as_slice()
        && matches!(kind.as_str(), "Builder" | "Work")
        && new == "new"
        && to_path.starts_with("src/desk/")
        && matches!(table::room(&file.path), "store" | "app" | "edge")
        && file.path != "src/app/event.rs"
    {
        out.push(("builder", format!("makes a {kind}")));
    }
    out
}

fn is_mod(path: &str) -> bool {
    path.ends_with("/mod.rs") || path == "src/lib.rs"
}

/// Whether a file must not know another; a namespace is a module that is only walked through.
fn upward(from: &str, to: &str, is_namespace: bool) -> Option<Found> {
    let (here, there) = (table::room(from), table::room(to));
    if here != there {
        let Some((_, known)) = ROOMS.iter().find(|(room, _)| *room == here) else {
            return Some(("room", "lies in no room".to_owned()));
        };
        return (!known.contains(&there)).then(|| ("room", format!("knows {to}")));
    }
    if is_namespace || is_mod(from) {
        return None;
    }
    if let (Some(one), Some(other)) = (table::protocol(from), table::protocol(to))
        && one != other
        && !SHARED_BY_EDGES.contains(&other)
    {
        return Some(("protocol", format!("knows {to}")));
    }
    if here == "desk" {
        let Some(floor) = table::floor(from) else {
            return Some(("floor", "has no floor".to_owned()));
        };
        return table::floor(to).is_some_and(|t| t < floor).then(|| ("floor", format!("knows {to}")));
    }
    None
}

/// A crate that this file must not name.
fn outside(file: &str, path: &[String]) -> Option<Found> {
    let whole = path.join("::");
    let within = |begin: &str| whole == begin || whole.starts_with(&format!("{begin}::"));
    let rule = CRATES.iter().filter(|(name, _)| within(name)).max_by_key(|(name, _)| name.len());
    let (name, allowed) = rule?;
    let inside = allowed.iter().any(|a| file.starts_with(&format!("src/{a}")));
    (!inside).then(|| ("crate", format!("names {name}")))
}

/// Each arrow of a circle of files.
fn circles(house: &House, arrows: &Arrows, out: &mut Vec<Fault>) {
    let reached = |start: usize| -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            for ((_, to), _) in arrows.range((at, 0)..=(at, usize::MAX)) {
                if seen.insert(*to) {
                    open.push(*to);
                }
            }
        }
        seen
    };
    let reach: Vec<BTreeSet<usize>> = (0..house.files.len()).map(reached).collect();
    for ((from, to), line) in arrows {
        if reach[*to].contains(from) {
            let (from, to) = (&house.files[*from].path, &house.files[*to].path);
            out.push(Fault::new(from, *line, "circle", &format!("knows {to}, which knows it")));
        }
    }
}
