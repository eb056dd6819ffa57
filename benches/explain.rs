//! How long it takes to know what a mail is: parsing (with folding, reports and clean HTML) and `explain`
//! (which also packs the mail, asks a store and decides) of all mails of a corpus, against mail-parser on the
//! same bytes, which only finds the parts and decodes them. That `explain` keeps a tenth of its speed is
//! checked.
//!
//! Reads `mime` of the folder that `MAILDESK_CORPUS` names, else `fixtures/parse`; `ROUNDS` (20) rounds,
//! medians.
#[allow(dead_code)]
mod common;

use common::{heading, median, ms, size};
use mail_parser::MessageParser;
use maildesk::app::Desk;
use maildesk::mail::parse::{parse, parse_for_intake};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

fn mails(folder: &Path, out: &mut Vec<Vec<u8>>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            mails(&path, out);
        } else if !path.extension().is_some_and(|e| e == "json" || e == "md" || e == "toml") {
            out.extend(std::fs::read(path));
        }
    }
}

/// Milliseconds for all mails, once.
fn once(raws: &[Vec<u8>], work: impl Fn(&[u8])) -> f64 {
    let begin = Instant::now();
    raws.iter().for_each(|raw| work(raw));
    ms(begin.elapsed())
}

fn main() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/parse");
    let folder = std::env::var_os("MAILDESK_CORPUS").map_or(own, |root| PathBuf::from(root).join("mime"));
    let mut raws = Vec::new();
    mails(&folder, &mut raws);
    assert!(!raws.is_empty(), "no mails below {}", folder.display());
    heading("Explaining mails");
    let desk = Desk::empty().expect("an empty desk");
    // A reader that panics on a mail of the corpus is measured up to there.
    std::panic::set_hook(Box::new(|_| {}));
    let library = |raw: &[u8]| {
        drop(std::panic::catch_unwind(|| black_box(MessageParser::default().parse(raw).is_some())))
    };
    let explain = || {
        let copies = raws.clone();
        let begin = Instant::now();
        black_box(desk.operator().explain(copies, false, |_| Ok(())).expect("explained").len());
        begin.elapsed()
    };
    let mut rows: [(&str, Vec<f64>); 4] = [
        ("mail-parser alone", vec![]),
        ("parse, as intake does", vec![]),
        ("parse, with HTML", vec![]),
        ("explain", vec![]),
    ];
    for _ in 0..size("ROUNDS", 20, 1) {
        rows[0].1.push(once(&raws, library));
        rows[1].1.push(once(&raws, |raw| drop(black_box(parse_for_intake(raw)))));
        rows[2].1.push(once(&raws, |raw| drop(black_box(parse(raw)))));
        rows[3].1.push(ms(explain()));
    }
    let bytes: usize = raws.iter().map(Vec::len).sum();
    println!("{} mails, {:.1} MB", raws.len(), bytes as f64 / 1e6);
    let base = median(&rows[0].1);
    for (name, times) in &rows {
        let took = median(times);
        println!(
            "{name:22} {took:9.1} ms  {:8.1} MB/s  {:5.2} of the library's speed",
            bytes as f64 / 1e3 / took,
            base / took
        );
    }
    let ratio = base / median(&rows[3].1);
    assert!(cfg!(debug_assertions) || ratio >= 0.1, "explain has {ratio:.3} of the library's speed");
}
