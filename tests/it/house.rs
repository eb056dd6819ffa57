//! The architecture as a test: which room may name which, which room may name which crate, and that the core
//! reads no clock, no file and no chance. Comments and unit tests are not looked at.

use std::fs;
use std::path::{Path, PathBuf};

struct Source {
    /// `mail/parse.rs`, without `src/`.
    path: String,
    lines: usize,
    /// Without comments and without what follows the first `#[cfg(test)]` module.
    code: Vec<(usize, String)>,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of src").flatten() {
            let path: PathBuf = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).expect("a source");
                let path = path.strip_prefix(&root).expect("below src").to_string_lossy().into_owned();
                let code = if is_test(&path) { Vec::new() } else { code_of(&text) };
                found.push(Source { path, lines: text.lines().count(), code });
            }
        }
    }
    found
}

/// Files that a `#[cfg(test)] mod` of another file names.
fn is_test(path: &str) -> bool {
    ["tests.rs", "threats.rs", "fixtures.rs"].iter().any(|name| path.rsplit('/').next() == Some(name))
}

fn code_of(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let opens_tests = |i: &usize| {
        lines[*i].trim() == "#[cfg(test)]"
            && lines.get(i + 1).is_some_and(|l| l.trim_start().starts_with("mod "))
    };
    let end = (0..lines.len()).find(opens_tests).unwrap_or(lines.len());
    let code = lines[..end].iter().enumerate().map(|(i, line)| (i + 1, uncommented(line)));
    code.filter(|(_, line)| !line.trim().is_empty()).collect()
}

/// A `//` inside a text, as in a URL, is no comment: it follows a colon.
fn uncommented(line: &str) -> String {
    let comment = line.match_indices("//").find(|(i, _)| !line[..*i].ends_with(':'));
    comment.map_or(line, |(i, _)| &line[..i]).to_owned()
}

/// Whether `word` stands in `line` as a whole path, so that `lettre` is not found in `lettres`.
fn names(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(i, _)| {
        let before = line[..i].chars().next_back();
        let after = line[i + word.len()..].chars().next();
        let open = !word.starts_with(part) || !before.is_some_and(part);
        open && !after.is_some_and(part)
    })
}

fn forbid(room: impl Fn(&str) -> bool, words: &[&str], why: &str) {
    let mut found = Vec::new();
    for source in sources().iter().filter(|s| room(&s.path)) {
        for (number, line) in &source.code {
            found.extend(
                words
                    .iter()
                    .filter(|w| names(line, w))
                    .map(|w| format!("src/{}:{number} names {w}", source.path)),
            );
        }
    }
    assert!(found.is_empty(), "{why}:\n{}", found.join("\n"));
}

fn within<'a>(room: &'a str) -> impl Fn(&str) -> bool + 'a {
    move |path| path.starts_with(&format!("{room}/")) || path == format!("{room}.rs")
}

const CORE: [&str; 12] = [
    "rusqlite",
    "refinery",
    "tokio",
    "std::fs",
    "std::net",
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "getrandom",
    "axum",
    "lettre",
];

#[test]
fn mail_is_pure() {
    forbid(within("mail"), &CORE, "mail/ turns bytes into mails and back, and nothing else");
    forbid(
        within("mail"),
        &["crate::desk", "crate::store", "crate::app", "crate::edge"],
        "no room knows one above it",
    );
}

#[test]
fn desk_is_pure() {
    forbid(within("desk"), &CORE, "desk/ decides from values alone");
    forbid(within("desk"), &["serde_json", "async_imap"], "desk/ knows no wire format");
    forbid(within("desk"), &["crate::store", "crate::app", "crate::edge"], "no room knows one above it");
}

#[test]
fn store_knows_no_protocol() {
    forbid(within("store"), &["axum", "async_imap", "lettre", "tokio", "clap"], "store/ keeps and finds");
    forbid(within("store"), &["crate::app", "crate::edge"], "no room knows one above it");
}

#[test]
fn only_the_store_speaks_sql() {
    forbid(|path| !within("store")(path), &["rusqlite", "refinery"], "all SQL lives in store/");
}

#[test]
fn app_is_blocking_and_knows_no_protocol() {
    forbid(
        within("app"),
        &["axum", "async_imap", "lettre", "crate::edge"],
        "app/ does not know which protocol called",
    );
    forbid(within("app"), &["async fn", ".await"], "only edge/ and the top are async");
}

#[test]
fn edges_reach_the_store_through_app_alone() {
    forbid(
        within("edge"),
        &["crate::store", "maildesk::store"],
        "an edge takes, shows and sends; it does not look into the store",
    );
}

#[test]
fn files_stay_short() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|s| s.lines > 450)
        .map(|s| format!("src/{}: {} lines", s.path, s.lines))
        .collect();
    assert!(long.is_empty(), "files that no longer have one subject:\n{}", long.join("\n"));
}

/// A new command that staff can mail touches two files, and one more for the same on the command line.
#[test]
fn a_staff_command_lives_in_two_files() {
    let homes = |order: &str| -> Vec<String> {
        let naming = |s: &&Source| s.code.iter().any(|(_, line)| names(line, order));
        let mut found: Vec<String> = sources().iter().filter(naming).map(|s| s.path.clone()).collect();
        found.sort();
        found
    };
    assert_eq!(homes("Order::Privacy"), ["desk/command.rs", "desk/ordered.rs"]);
    assert_eq!(homes("Order::Priority"), ["desk/command.rs", "desk/ordered.rs", "edge/cli/tickets.rs"]);
}

#[test]
fn no_unsafe_code() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("lib.rs");
    assert!(lib.contains("#![forbid(unsafe_code)]"), "T103");
}

/// The fuzz targets compile `src/mail/` with a list of crates of their own; one that is missing there stops
/// them.
#[test]
fn the_fuzz_targets_have_the_crates_of_mail() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates = |file: &str| -> Vec<String> {
        let text = fs::read_to_string(root.join(file)).expect("a manifest");
        let section =
            text.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next()).unwrap_or_default();
        section.lines().filter_map(|l| l.split_once(" = ")).map(|(name, _)| name.replace('-', "_")).collect()
    };
    let there = crates("fuzz/Cargo.toml");
    for source in sources().iter().filter(|s| s.path.starts_with("mail/")) {
        for name in crates("Cargo.toml") {
            let used =
                source.code.iter().any(|(_, line)| names(line, &name) && line.contains(&format!("{name}::")));
            assert!(
                !used || there.contains(&name),
                "{} names {name}, which fuzz/Cargo.toml lacks",
                source.path
            );
        }
    }
}
