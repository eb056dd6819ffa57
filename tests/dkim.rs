//! Signatures of other projects' mails, with the answers of DNS that they were published with, and changes
//! made to them: how many are judged as their origin does, and where we are stricter on purpose.
//!
//! Reads the folder that `MAILDESK_CORPUS` names, else `../shared/corpus`; `MAILDESK_CORPUS_SHOW=dkim` prints
//! the differences.

use maildesk::mail::dkim;
use maildesk::mail::parse::parse_for_intake;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Where we differ from the origin, which says `pass`, and why. Whatever else differs is a fault.
const STRICTER: [(&str, &str); 1] =
    [("mail-auth/005.txt", "its x= is over, and the desk looks at the clock")];

#[test]
fn dkim_corpus() {
    let root = std::env::var_os("MAILDESK_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"), PathBuf::from)
        .join("dkim");
    let Ok(text) = std::fs::read_to_string(root.join("expectations.json")) else {
        println!("no corpus at {}: nothing measured (set MAILDESK_CORPUS)", root.display());
        return;
    };
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let show = std::env::var("MAILDESK_CORPUS_SHOW").is_ok_and(|s| s == "dkim" || s == "all");
    let (mut right, mut stricter, mut count) = (0, 0, 0);
    let mut wrong = Vec::new();
    for case in all["cases"].as_array().expect("cases") {
        let file = case["file"].as_str().expect("a file");
        let name = case["id"].as_str().unwrap_or(file);
        let Some(expected) = expected(case) else { continue };
        count += 1;
        let raw = mail(&root, case);
        let dns = zone(case);
        let (held, why) = judge(&raw, &dns);
        let good = match expected.as_str() {
            "pass" => held > 0,
            "pass_or_fail" => true,
            _ => held == 0,
        };
        if good {
            right += 1;
        } else if expected == "pass" && STRICTER.iter().any(|(f, _)| *f == file) {
            stricter += 1;
        } else {
            wrong.push(format!("{name}: expected {expected}, {held} held ({why})"));
        }
        if show {
            println!("{name}: expected {expected}, {held} held ({why})");
        }
    }
    println!("dkim {right} of {count} as the origin, {stricter} stricter on purpose");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the first signature, or for plain cases any of them, is expected to be.
fn expected(case: &Value) -> Option<String> {
    if case["optional"].is_string() || case["message_error"].is_string() {
        return None;
    }
    if let Some(word) = case["expect"].as_str().or_else(|| case["last_signature"].as_str()) {
        return Some(word.to_owned());
    }
    let all = case["signatures"].as_array()?;
    let pass = all.iter().any(|s| s["result"] == "pass");
    Some(if pass { "pass" } else { "fail" }.to_owned())
}

/// A day on which the mails of the corpus lay together: 2026-07-01, in seconds since 1970. What expires later
/// has not expired for this test, on any day.
const COLLECTED_AT: i64 = 1_782_864_000;

/// How many signatures hold, and why another one does not. For changed mails the first one alone counts.
fn judge(raw: &[u8], dns: &[(String, Vec<String>)]) -> (usize, String) {
    let read = parse_for_intake(raw).signatures;
    let records = |s: &dkim::Signature| {
        dns.iter().find(|(n, _)| *n == s.key_name()).map(|(_, t)| t.clone()).unwrap_or_default()
    };
    let keys: Vec<Vec<String>> = read.good.iter().map(records).collect();
    let tried: Vec<_> = read.good.iter().zip(&keys).map(|(s, k)| (s, k.as_slice())).collect();
    let results = dkim::verify(raw, &tried);
    let now = COLLECTED_AT;
    let over = |s: &dkim::Signature| s.expires.is_some_and(|x| x <= now);
    let held = results.iter().zip(&read.good).filter(|(r, s)| r.is_ok() && !over(s)).count();
    let why = results.iter().find_map(|r| r.err()).or(read.why_not).unwrap_or_default();
    (held, why.to_owned())
}

/// Names and texts; what fails, fails for good here: the desk's own tests tell the two apart.
fn zone(case: &Value) -> Vec<(String, Vec<String>)> {
    let mut out: Vec<(String, Vec<String>)> = Vec::new();
    let texts = |v: &Value| {
        v.as_array()
            .map(|a| a.iter().filter_map(|t| t.as_str().map(str::to_owned)).collect())
            .unwrap_or_default()
    };
    for (name, said) in case["dns"].as_object().into_iter().flatten() {
        out.push((name.to_lowercase(), texts(said)));
    }
    for change in case["mutate"].as_array().into_iter().flatten().filter(|c| c["op"] == "dns") {
        let name = change["name"].as_str().expect("a name").to_lowercase();
        let entry = out.iter_mut().find(|(n, _)| *n == name).expect("a name of the zone");
        match change["edit"].as_str() {
            None => entry.1 = texts(&change["txt"]),
            Some(edit) => match edit.strip_prefix("append") {
                Some(more) => entry.1.iter_mut().for_each(|t| t.push_str(more)),
                None => {
                    let (from, to) =
                        edit.strip_prefix("replace ").and_then(|e| e.split_once(" by ")).expect("an edit");
                    for text in &mut entry.1 {
                        *text = if text.contains(from) {
                            text.replace(from, to)
                        } else {
                            format!("{to}; {text}")
                        };
                    }
                }
            },
        }
    }
    // The first signature is what the change is about: the key of another one must not save the mail.
    if let (Some(_), Some(file)) = (case["id"].as_str(), case["file"].as_str()) {
        let first = if file.starts_with("chasquid/08") { "selector._domainkey.example.com" } else { "" };
        out.retain(|(n, _)| first.is_empty() || n == first);
    }
    out
}

fn mail(root: &Path, case: &Value) -> Vec<u8> {
    let raw = std::fs::read_to_string(root.join(case["file"].as_str().expect("a file"))).expect("a mail");
    let whole = match case["file"].as_str().is_some_and(|f| f.starts_with("mail-auth/")) {
        true => raw.split_once("\n\n").expect("a first block with the records").1.to_owned(),
        false => raw,
    };
    let mut mail = whole.replace("\r\n", "\n").replace('\n', "\r\n");
    for change in case["mutate"].as_array().into_iter().flatten() {
        let word = |key: &str| change[key].as_str().unwrap_or_default().to_owned();
        let (head, body) =
            mail.split_once("\r\n\r\n").map(|(h, b)| (h.to_owned(), b.to_owned())).expect("a header");
        mail = match change["op"].as_str().expect("an op") {
            "prepend_header" => format!("{}\r\n{mail}", word("line")),
            "append_body" => format!("{mail}{}", word("text")),
            "cut_body" => format!("{head}\r\n\r\n{}", &body[..body.len() / 2]),
            "replace_header" => {
                with_line(&head, &word("name"), |name, _| format!("{name}: {}", word("value")))
                    + "\r\n\r\n"
                    + &body
            }
            "rename_header" => {
                with_line(&head, &word("name"), |_, value| format!("{}{value}", word("to")))
                    + "\r\n\r\n"
                    + &body
            }
            "drop_from_h" => {
                let without = |h: &str| {
                    h.replacen("h=From:", "h=", 1)
                        .replacen("h=from:", "h=", 1)
                        .replacen(":From:", ":", 1)
                        .replacen(":from:", ":", 1)
                };
                without(&head) + "\r\n\r\n" + &body
            }
            _ => mail,
        };
    }
    mail.into_bytes()
}

/// Changes the line of a field.
fn with_line(head: &str, name: &str, change: impl Fn(&str, &str) -> String) -> String {
    let lines = head.split("\r\n").map(|line| match line.split_once(':') {
        Some((n, value)) if n.eq_ignore_ascii_case(name) => change(n, value),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\r\n")
}
