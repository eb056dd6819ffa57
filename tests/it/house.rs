//! The architecture as a test (HOUSE §4): who may know whom, that no files know each other in a circle, that
//! the core reads no clock, no file and no chance, and what else can be seen in the text of the sources. It
//! sees every line of the program. Tests are not looked at, but for the length of their files and lines.

mod crates;
mod faults;
mod made_up;
mod map;
mod open_threats;
mod source;
mod table;
mod words;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The sources of the program, its tests and its measures: path to text.
static TREE: LazyLock<BTreeMap<String, String>> = LazyLock::new(tree);
static HOUSE: LazyLock<source::House> = LazyLock::new(|| source::House::read(&TREE));

fn tree() -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut folders = ["src", "tests", "benches"].map(|f| root().join(f)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).expect("a source");
                let path = path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
                out.insert(path, text);
            }
        }
    }
    out
}

/// The list of what is against the law today, one key a line.
const DEBTS: &str = "tests/it/house_debts.txt";

const HEAD: &str = "\
# What is against the law of the house today (tests/it/house/). The list may only shrink: a new fault fails
# the test, and so does a line whose fault is mended. HOUSE_WRITE=1 cargo test --test it house writes it anew.
";

#[test]
fn the_house_stands() {
    let found = faults::faults(&TREE, &HOUSE);
    let list = root().join(DEBTS);
    if std::env::var_os("HOUSE_WRITE").is_some() {
        let lines: String = found.iter().map(|f| format!("{}\n", f.key)).collect();
        fs::write(&list, format!("{HEAD}{lines}")).expect("the list");
        return;
    }
    let text = fs::read_to_string(&list).expect("the list");
    let (new, mended) = faults::compare(&found, &text);
    assert!(new.is_empty(), "against the law of the house:\n{}", new.join("\n"));
    assert!(mended.is_empty(), "mended, take it out of {DEBTS}:\n{}", mended.join("\n"));
}

/// A new command that staff can mail touches two files, and one more for the same on the command line.
#[test]
fn a_staff_command_lives_in_two_files() {
    let house = &*HOUSE;
    let homes = |order: &str| -> Vec<String> {
        let names = |f: &&source::File| f.named.iter().any(|n| n.path.join("::").ends_with(order));
        house.files.iter().filter(|f| !f.is_test).filter(names).map(|f| f.path.clone()).collect()
    };
    let (acts, words) = ("src/desk/order/apply.rs", "src/desk/order/command.rs");
    assert_eq!(homes("Order::Split"), [acts, words]);
    assert_eq!(homes("Order::Priority"), [acts, words, "src/edge/cli/tickets.rs"]);
    assert_eq!(homes("Order::Privacy"), [acts, words], "customers may, too");
}

/// Each threat has a test of its name, or is written down as open.
#[test]
fn every_threat_has_a_test_or_is_open() {
    let open = |n: u32| open_threats::OPEN_THREATS.iter().any(|(number, _)| *number == n);
    let tested = |n: u32| TREE.values().any(|source| open_threats::names(source, n));
    let silent: Vec<u32> = (1..=open_threats::LAST).filter(|n| !open(*n) && !tested(*n)).collect();
    assert!(silent.is_empty(), "neither a test of its name nor a line in open_threats.rs: {silent:?}");
    let stale: Vec<u32> = (1..=open_threats::LAST).filter(|n| open(*n) && tested(*n)).collect();
    assert!(stale.is_empty(), "open in open_threats.rs, and a test stands: {stale:?}");
    assert!(open_threats::names("async fn t52_t53_content() {", 53));
    assert!(!open_threats::names("fn at52_x() {} // t52_y", 52));
}

/// The lockfile is committed and sound; a planted crate of each kind of fault is found.
#[test]
fn t101_a_planted_crate_is_found() {
    let read = |file: &str| fs::read_to_string(root().join(file)).expect(file);
    assert!(crates::faults(&read("Cargo.lock")).is_empty(), "{:?}", crates::faults(&read("Cargo.lock")));
    let planted = |name: &str, version: &str, rest: &str| {
        let lock = format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{rest}\n");
        crates::faults(&lock)
    };
    let sum = format!("checksum = \"{}\"", "a".repeat(64));
    let registry = "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    assert!(planted("zed", "1.0.0", &format!("{registry}{sum}")).is_empty());
    assert!(planted("zed", "1.0.0", registry)[0].contains("checksum"));
    assert!(
        planted("zed", "1.0.0", &format!("source = \"git+https://x.example\"\n{sum}"))[0]
            .contains("registry")
    );
    // What is known since this was written: cargo-deny reads the newest advisories.
    let deny = read("deny.toml");
    for table in ["[advisories]", "[licenses]", "[bans]", "[sources]"] {
        assert!(deny.contains(table), "{table}");
    }
    assert!(deny.contains("unknown-registry = \"deny\"") && deny.contains("unknown-git = \"deny\""));
    assert!(read("tests/run").contains("cargo deny check"));
}

#[test]
fn t102_no_crate_is_older_than_its_mend() {
    let sum = "a".repeat(64);
    let planted = |name: &str, version: &str| {
        let source = "registry+https://github.com/rust-lang/crates.io-index";
        crates::faults(&format!(
            "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\n\
             checksum = \"{sum}\"\n"
        ))
    };
    for (name, bad, good) in [
        ("ammonia", "4.2.2", "4.2.3"),
        ("idna", "1.0.2", "1.0.3"),
        ("mail-parser", "0.11.5", "0.11.6"),
        ("time", "0.3.46", "0.3.47"),
        ("lettre", "0.11.22", "0.11.23"),
    ] {
        assert_eq!(planted(name, bad).len(), 1, "{name} {bad}");
        assert!(planted(name, good).is_empty(), "{name} {good}");
    }
    // CVE-2026-119374: older ones damage an index with that setting.
    let uses = TREE.iter().any(|(path, text)| path.starts_with("src/") && text.contains("'secure-delete'"));
    assert!(!uses || rusqlite::version_number() >= 3_054_000, "SQLite {}", rusqlite::version());
}

#[test]
fn t103_no_unsafe_code() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).expect("lib.rs");
    assert!(lib.contains("#![forbid(unsafe_code)]"), "T103");
}

/// The fuzz targets compile `src/mail/` with a list of crates of their own; one that is missing there stops
/// them.
#[test]
fn the_fuzz_targets_have_the_crates_of_mail() {
    let crates = |file: &str| -> Vec<String> {
        let text = fs::read_to_string(root().join(file)).expect("a manifest");
        let section =
            text.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next()).unwrap_or_default();
        section.lines().filter_map(|l| l.split_once(" = ")).map(|(name, _)| name.replace('-', "_")).collect()
    };
    let (ours, there) = (crates("Cargo.toml"), crates("fuzz/Cargo.toml"));
    let house = &*HOUSE;
    for file in house.files.iter().filter(|f| !f.is_test && table::room(&f.path) == "mail") {
        for named in &file.named {
            let Some(way) = house.follow(named.module, &named.path) else { continue };
            let map::Target::Outside(path) = way.target else { continue };
            assert!(
                !ours.contains(&path[0]) || there.contains(&path[0]),
                "{}:{} names {}, which fuzz/Cargo.toml lacks",
                file.path,
                named.line,
                path[0]
            );
        }
    }
}
