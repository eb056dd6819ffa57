//! The measures on mails of other projects: one table with the share reached, for each purpose.
//!
//! Reads the folder that `MAILDESK_CORPUS` names, else `../shared/corpus`. Each mail is fed as it stands and
//! once more with CRLF line ends; a case counts where both are right. `MAILDESK_CORPUS_SHOW=reply` prints the
//! cases that fail. Expectations that we dispute stand with their reasons in `tests/README.md`; they do not
//! count, and they are few.

mod auto;
mod bounce;
#[path = "../counted/mod.rs"]
mod counted;
mod disputed;
mod feed;
mod fixtures;
mod linear;
mod mime;
#[path = "../pure/mod.rs"]
#[allow(dead_code)]
mod pure;
mod reply;
mod spoof;
mod threads;
mod twenty;
mod xss;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// What is wrong about one case; `None` where nothing is asked of us.
type Judge = fn(&Path, &Value, &Value) -> Option<Vec<String>>;

/// Purpose, at least, judge.
const PURPOSES: [(&str, f64, Judge); 7] = [
    ("mime", 0.97, mime::mime),
    ("reply", 0.92, reply::reply),
    ("bounce", 0.98, bounce::bounce),
    ("auto", 1.0, auto::auto),
    ("xss", 1.0, xss::xss),
    ("spoof", 1.0, spoof::spoof),
    ("threads", 1.0, threads::threads),
];

struct Reached {
    name: &'static str,
    least: f64,
    right: usize,
    all: usize,
    disputed: usize,
}

impl Reached {
    #[allow(clippy::cast_precision_loss)]
    fn share(&self) -> f64 {
        self.right as f64 / self.all.max(1) as f64
    }
}

#[test]
fn measures() {
    let Some(root) = corpus() else { return };
    let all: Vec<Reached> =
        PURPOSES.into_iter().map(|(name, least, judge)| measure(&root, name, least, judge)).collect();
    println!(
        "{:8} {:>8} {:>8} {:>6} {:>6} {:>9}",
        "purpose", "at least", "reached", "right", "cases", "disputed"
    );
    for p in &all {
        println!(
            "{:8} {:>8.2} {:>8.4} {:>6} {:>6} {:>9}",
            p.name,
            p.least,
            p.share(),
            p.right,
            p.all,
            p.disputed
        );
    }
    for p in &all {
        assert!(
            p.all > 0 && p.share() >= p.least,
            "{} fell to {:.4}, below {:.2}",
            p.name,
            p.share(),
            p.least
        );
        assert!(p.disputed * 50 <= p.all + p.disputed, "{}: more than 2 in 100 are disputed", p.name);
    }
}

/// The folder of the corpus; where it is not there, that is said.
fn corpus() -> Option<PathBuf> {
    let root = std::env::var_os("MAILDESK_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"), PathBuf::from);
    if !root.join("mime/expectations.json").is_file() {
        println!("no corpus at {}: nothing measured (set MAILDESK_CORPUS)", root.display());
        return None;
    }
    Some(root)
}

fn measure(root: &Path, name: &'static str, least: f64, judge: Judge) -> Reached {
    let folder = root.join(name);
    let text = std::fs::read_to_string(folder.join("expectations.json")).expect("expectations");
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let show = std::env::var("MAILDESK_CORPUS_SHOW").is_ok_and(|s| s == name || s == "all");
    let disputed = disputed::of(name);
    let mut reached = Reached { name, least, right: 0, all: 0, disputed: 0 };
    let lists = ["cases", "header_cases", "reply_header_cases", "subject_cases"];
    for case in lists.iter().filter_map(|list| all[list].as_array()).flatten() {
        let id = case["id"].as_str().or(case["file"].as_str()).or(case["folder"].as_str()).unwrap_or("?");
        if disputed.contains(&id) {
            reached.disputed += 1;
            continue;
        }
        let Some(wrong) = judge(&folder, case, &all) else {
            continue;
        };
        reached.all += 1;
        reached.right += usize::from(wrong.is_empty());
        if show && !wrong.is_empty() {
            println!("{name} {id}: {}", wrong.join("; "));
        }
    }
    assert_eq!(
        reached.disputed,
        disputed.len(),
        "{name}: the list in tests/README.md names a case that is not there"
    );
    reached
}
