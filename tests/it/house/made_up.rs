//! The test of the test: small trees that are made up, with one fault each that must be refused, at its line.

use super::faults::{Fault, compare};
use super::source::House;
use std::collections::BTreeMap;

/// A tree in which nothing is wrong, and every room knows only those below it.
const CLEAN: [(&str, &str); 9] = [
    ("src/lib.rs", "pub mod mail;\npub mod desk;\npub mod store;\npub mod app;\npub mod edge;\n"),
    ("src/mail/mod.rs", "pub mod address;\npub mod parse;\npub use address::Address;\n"),
    ("src/mail/address.rs", "pub struct Address;\n"),
    ("src/mail/parse.rs", "use super::address::Address;\npub fn parse() -> Address { Address }\n"),
    ("src/desk/mod.rs", "pub mod model;\npub mod order;\n#[cfg(test)]\nmod tests;\n"),
    ("src/desk/model.rs", "use crate::mail::Address;\npub struct Person(pub Address);\n"),
    ("src/desk/order.rs", "use crate::desk::model::Person;\npub fn order(_: Person) {}\n"),
    ("src/store/mod.rs", "pub fn all() -> &'static str { \"select max(id) from t where a = ?1\" }\n"),
    ("src/app/mod.rs", "use crate::store;\npub fn take() { store::all(); }\n"),
];

/// The clean tree with these files instead of its own.
fn tree(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    let edge = ("src/edge/mod.rs", "pub fn show() { crate::app::take(); }\n");
    let all = CLEAN.iter().chain([&edge]).chain(files);
    all.map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

fn faults(files: &[(&str, &str)]) -> Vec<Fault> {
    let tree = tree(files);
    super::faults::faults(&tree, &House::read(&tree))
}

/// What is found in the clean tree with these files, as `path:line kind`.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let kind = |key: &str| key.split(':').next().unwrap_or_default().to_owned();
    faults(files).iter().map(|f| format!("{}:{} {}", f.path, f.line, kind(&f.key))).collect()
}

#[test]
fn a_clean_tree_is_accepted() {
    assert_eq!(found(&[]), [""; 0]);
    let tests = "use crate::app::take;\nuse super::*;\n";
    let model = "use crate::mail::Address;\npub struct Person(pub Address);\n#[cfg(test)]\nmod tests {\n\
                     use crate::app::take;\n}\n\
                 #[cfg(test)]\npub fn some() { crate::app::take() }\n";
    assert_eq!(found(&[("src/desk/tests.rs", tests), ("src/desk/model.rs", model)]), [""; 0]);
}

#[test]
fn a_circle_is_refused() {
    let address = "use crate::mail::parse::parse;\npub struct Address;\n";
    let both = ["src/mail/address.rs:1 circle", "src/mail/parse.rs:1 circle"];
    assert_eq!(found(&[("src/mail/address.rs", address)]), both);
    // Through a `pub use` of a third file it is the same circle.
    let hub = (
        "src/mail/mod.rs",
        "pub mod address;\npub mod parse;\npub use parse::parse;\npub use address::Address;\n",
    );
    let through = "use crate::mail;\npub struct Address;\nfn f() { mail::parse(); }\n";
    let wanted =
        ["src/mail/address.rs:3 circle", "src/mail/parse.rs:1 circle", "src/mail/address.rs:3 own mod.rs"];
    assert_eq!(found(&[hub, ("src/mail/address.rs", through)]), wanted);
}

#[test]
fn arrows_upward_are_refused() {
    let of = |path: &str, text: &str| found(&[(path, text)]);
    assert_eq!(
        of("src/mail/parse.rs", "use super::super::desk::model::Person;\n"),
        ["src/mail/parse.rs:1 room"]
    );
    let expression = "pub struct Address;\nfn f() {\n    let _ = crate::store::all();\n}\n";
    assert_eq!(of("src/mail/address.rs", expression), ["src/mail/address.rs:3 room"]);
    let pattern = "pub struct Address;\nfn f(x: u8) { matches!(x, super::super::app::X) }\nuse crate::app;\n";
    assert_eq!(of("src/mail/address.rs", pattern), ["src/mail/address.rs:3 room"; 1]);
    let grouped = "use crate::{\n    mail::Address,\n    desk::{self, order::order},\n};\n\
                   pub struct Person(pub Address);\n";
    let wanted = ["src/desk/model.rs:3 circle", "src/desk/order.rs:1 circle", "src/desk/model.rs:3 floor"];
    assert_eq!(of("src/desk/model.rs", grouped), wanted);
    let inside = "pub struct Person;\nfn f() {\n    use crate::app as above;\n    above::take();\n}\n";
    assert_eq!(of("src/desk/model.rs", inside), ["src/desk/model.rs:3 room"]);
    assert_eq!(of("src/edge/mod.rs", "use maildesk::store::all;\n"), ["src/edge/mod.rs:1 room"]);
    assert_eq!(
        of("src/mail/address.rs", "pub struct Address(crate::app::take);\n"),
        ["src/mail/address.rs:1 room"]
    );
}

#[test]
fn wrong_acquaintances_are_refused() {
    let of = |text: &str| found(&[("src/desk/model.rs", &format!("pub struct Person;\n{text}"))]);
    let refused = ["src/desk/model.rs:2 crate"];
    assert_eq!(of("use std::{fmt, fs::File};\n"), refused);
    assert_eq!(of("fn f() { tokio::spawn(g()); }\n"), refused);
    assert_eq!(of("use std::time;fn f() { time::Instant::now(); }\n"), refused);
    assert_eq!(of("use jiff::Timestamp;fn f() { g(&[Timestamp::now()]); }\n"), refused);
    assert_eq!(of("fn f() -> String { format!(\"{}\", std::env::var(\"X\")) }\n"), refused);
    assert_eq!(of("#[derive(rusqlite::Row)]struct R;\n"), refused);
    assert_eq!(of("fn f() { jiff::Timestamp::from_second(0); time::Instant::now(); }\n"), [""; 0]);
}

/// The first `#[cfg(test)]` of a file hides one item, and not what is below it.
#[test]
fn what_is_below_tests_is_seen() {
    let text = "pub struct Person;\n#[cfg(test)]\nmod tests {\n    use crate::app::take;\n}\n\
                use crate::store::all;\n";
    assert_eq!(found(&[("src/desk/model.rs", text)]), ["src/desk/model.rs:6 room"]);
    let text = "pub struct Person;\n#[cfg(test)]\nuse crate::store::all;\n";
    assert_eq!(found(&[("src/desk/model.rs", text)]), ["src/desk/model.rs:3 room"]);
}

#[test]
fn an_import_from_ones_own_mod_is_refused() {
    let parse = "use super::Address;\npub fn parse() -> Address { Address }\n";
    assert_eq!(found(&[("src/mail/parse.rs", parse)]), ["src/mail/parse.rs:1 own mod.rs"]);
    let parse = "pub fn parse() -> crate::mail::Address { crate::mail::Address }\n";
    assert_eq!(found(&[("src/mail/parse.rs", parse)]), ["src/mail/parse.rs:1 own mod.rs"]);
    let all = "use super::*;\npub fn parse() -> Address { Address }\n";
    assert!(found(&[("src/mail/parse.rs", all)]).contains(&"src/mail/parse.rs:1 own mod.rs".to_owned()));
    let hub = "pub mod address;\npub mod parse;\npub use address::Address;\npub const MOST: u8 = 1;\n";
    let parse = "fn f() -> u8 { super::MOST }\n";
    assert_eq!(
        found(&[("src/mail/mod.rs", hub), ("src/mail/parse.rs", parse)]),
        ["src/mail/parse.rs:1 own mod.rs"]
    );
}

#[test]
fn sizes_are_bounded() {
    let long = format!("pub struct Address;\n{}", "// x\n".repeat(450));
    assert_eq!(found(&[("src/mail/address.rs", &long)]), ["src/mail/address.rs:451 long"]);
    let wide = format!("pub struct Address;\n// {}\n", "x".repeat(108));
    assert_eq!(found(&[("src/mail/address.rs", &wide)]), ["src/mail/address.rs:2 wide"]);
}

#[test]
fn foreign_sql_is_refused() {
    for sql in [
        "select a from t where b = ?",
        "select a from t where b in (?, ?)",
        "insert or ignore into t values (?1)",
        "replace into t values (?1)",
        "select rowid from t",
        "select strftime('%s', a) from t",
        "select a from t indexed by i",
        "select max(a, b) from t",
        "select min(1, coalesce(a, 2)) from t",
        "pragma user_version",
    ] {
        let text = format!("pub fn all() {{}}\npub fn one() -> &'static str {{\n    \"{sql}\"\n}}\n");
        assert_eq!(found(&[("src/store/mod.rs", &text)]), ["src/store/mod.rs:3 sql"], "{sql}");
    }
    let call = "pub fn all(c: &C) {\n    c.last_insert_rowid();\n}\n";
    assert_eq!(found(&[("src/store/mod.rs", call)]), ["src/store/mod.rs:2 sql"]);
    let elsewhere = "pub fn take() -> &'static str { \"select a from t\" }\n";
    assert_eq!(found(&[("src/app/mod.rs", elsewhere)]), ["src/app/mod.rs:1 sql"]);
    let lite = ("src/store/sqlite/mod.rs", "pub fn key() -> &'static str { \"pragma key = ?\" }\n");
    assert_eq!(found(&[lite, ("src/store/mod.rs", "pub mod sqlite;\npub fn all() {}\n")]), [""; 0]);
}

#[test]
fn other_words_are_refused() {
    let app = |text: &str| found(&[("src/app/mod.rs", &format!("pub fn take() {{}}\n{text}"))]);
    assert_eq!(app("pub const LEASE_SECS: i64 = 1;\n"), ["src/app/mod.rs:2 limit"]);
    assert_eq!(app("fn f(a: &str) -> bool { a == \"staff\" }\n"), ["src/app/mod.rs:2 sentence"]);
    assert_eq!(app("fn f(a: &str) -> bool { \"#close\" != a }\n"), ["src/app/mod.rs:2 sentence"]);
    assert_eq!(app("fn f() -> String { format!(\"{order:?}\") }\n"), ["src/app/mod.rs:2 sentence"]);
    assert_eq!(app("async fn f() {}\n"), ["src/app/mod.rs:2 async"]);
    let like = "pub fn all() -> &'static str { \"and reason like ?1\" }\n";
    assert_eq!(found(&[("src/store/mod.rs", like)]), ["src/store/mod.rs:1 sentence"]);
    let model =
        ("src/desk/model.rs", "pub struct Builder;\nimpl Builder { pub fn new() {} }\npub struct Person;\n");
    let makes = ("src/app/mod.rs", "use crate::desk::model::Builder;\npub fn take() { Builder::new(); }\n");
    assert_eq!(found(&[model, makes]), ["src/app/mod.rs:2 builder"]);
    let road = "use crate::desk::model::Builder;\npub fn f() { Builder::new(); }\n";
    let hub = ("src/app/mod.rs", "mod event;\npub fn take() {}\n");
    assert_eq!(found(&[model, hub, ("src/app/event.rs", road)]), [""; 0]);
}

#[test]
fn a_list_of_debts_only_shrinks() {
    let parse = "use super::Address;\npub fn parse() -> Address { Address }\n";
    let faults = faults(&[("src/mail/parse.rs", parse)]);
    let key = "own mod.rs: src/mail/parse.rs takes Address from src/mail/mod.rs";
    let none: (Vec<String>, Vec<String>) = Default::default();
    assert_eq!(compare(&faults, &format!("# a comment\n{key}\n")), none);
    assert_eq!(compare(&faults, "").0, [format!("src/mail/parse.rs:1: {key}")]);
    assert_eq!(compare(&[], key).1, [key]);
    assert_eq!(compare(&faults, &format!("{key}\n{key}\n")).1, [key], "one of two is mended");
}
