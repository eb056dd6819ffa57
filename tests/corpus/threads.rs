//! Threads: by `thread` of the program itself, over all mails of a folder at once; parents; base subjects.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use maildesk::desk::text::subject::without_tokens;
use serde_json::Value;

use super::feed::{crlf, strings};

pub fn threads(root: &Path, case: &Value, _: &Value) -> Option<Vec<String>> {
    if case["subject"].is_string() {
        return Some(subject(case));
    }
    if case["headers"].is_object() {
        return Some(parent(case));
    }
    let mut mails: Vec<(String, Vec<u8>)> = Vec::new();
    for entry in std::fs::read_dir(root.join(case["folder"].as_str()?)).expect("a folder").flatten() {
        mails.push((
            entry.file_name().to_string_lossy().into_owned(),
            std::fs::read(entry.path()).expect("a file"),
        ));
    }
    mails.sort();
    let mut wrong = Vec::new();
    members(&mails, case, &mut wrong);
    mails.reverse();
    mails.iter_mut().for_each(|(_, raw)| *raw = crlf(raw));
    members(&mails, case, &mut wrong);
    Some(wrong)
}

/// What `explain` says of each mail, by file name: its Message-ID and its thread, without brackets.
fn explained(mails: &[(String, Vec<u8>)]) -> HashMap<String, (String, String)> {
    let dir = tempfile::tempdir().expect("a folder");
    let files: Vec<PathBuf> = mails.iter().map(|(name, _)| dir.path().join(name)).collect();
    for (file, (_, raw)) in files.iter().zip(mails) {
        std::fs::write(file, raw).expect("written");
    }
    let program = Command::new(env!("CARGO_BIN_EXE_maildesk"))
        .args(["explain", "--json"])
        .args(&files)
        .current_dir(dir.path())
        .env_remove("MAILDESK_CONFIG")
        .output()
        .expect("the program");
    let told = String::from_utf8(program.stdout).expect("UTF-8");
    let id = |value: &Value| value.as_str().unwrap_or("").trim_matches(['<', '>']).to_owned();
    let all = told.lines().map(|line| {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let name = Path::new(line["file"].as_str().unwrap_or(""))
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        (name, (id(&line["mail"]["message_id"]), id(&line["thread"])))
    });
    all.collect()
}

/// Each mail is in one thread, with all that belong to it and with nobody else.
fn members(mails: &[(String, Vec<u8>)], case: &Value, wrong: &mut Vec<String>) {
    let told = explained(mails);
    if told.len() != mails.len() {
        wrong.push(format!("{} of {} mails explained", told.len(), mails.len()));
    }
    let mut by_thread: HashMap<&str, Vec<&str>> = HashMap::new();
    for (id, thread) in told.values() {
        by_thread.entry(thread).or_default().push(id);
    }
    let mut got: Vec<Vec<&str>> = by_thread.into_values().collect();
    got.iter_mut().for_each(|ids| {
        ids.sort_unstable();
        ids.dedup();
    });
    let wanted: Vec<Vec<String>> =
        case["thread_members"].as_array().into_iter().flatten().map(strings).collect();
    for mut set in wanted.clone() {
        set.sort();
        if !got.iter().any(|ids| *ids == set) {
            wrong.push(format!("no thread {set:?}"));
        }
    }
    if got.len() != wanted.len() || Some(got.len() as u64) != case["threads"].as_u64() {
        wrong.push(format!("{} threads, not {}", got.len(), case["threads"]));
    }
    for (id, files) in case["duplicates"].as_object().into_iter().flatten() {
        for file in strings(files).iter().filter(|f| told.get(*f).is_none_or(|(own, _)| own != id)) {
            wrong.push(format!("{file} is no copy of {id}"));
        }
    }
}

/// The mail hangs on its parent, and not on what else its fields name; all of them are there.
fn parent(case: &Value) -> Vec<String> {
    let mut head = String::from("From: a@b.example\r\nMessage-ID: <the-answer@x.example>\r\n");
    let mut ids = vec!["someone@else.example".to_owned()];
    for (name, value) in case["headers"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or("");
        head.push_str(&format!("{name}: {value}\r\n"));
        ids.extend(value.split('<').skip(1).filter_map(|p| p.split_once('>')).map(|(id, _)| id.to_owned()));
    }
    let parent = case["parent"].as_str().unwrap_or("");
    // In References the parent is the last, and hangs on those before it: so they are its thread, too.
    let references = case["headers"]["references"].as_str().unwrap_or("");
    let mut mails = vec![("answer".to_owned(), format!("{head}\r\nx\r\n").into_bytes())];
    for (n, id) in ids.iter().enumerate() {
        let mail = format!("From: a@b.example\r\nMessage-ID: <{id}>\r\n\r\nx\r\n");
        mails.push((format!("mail{n}"), mail.into_bytes()));
    }
    let told = explained(&mails);
    let thread = told["answer"].1.clone();
    let mut wrong = Vec::new();
    for (id, other) in told.values().filter(|(id, _)| id != "the-answer@x.example") {
        let belongs = id == parent || references.contains(&format!("<{id}>"));
        if belongs != (*other == thread) {
            wrong.push(format!("{id} is in {other}, the answer in {thread}"));
        }
    }
    wrong
}

/// The origin cuts the tag of a list; ours stays, with the base subject behind it.
fn subject(case: &Value) -> Vec<String> {
    let (subject, base) = (case["subject"].as_str().unwrap_or(""), case["base"].as_str().unwrap_or(""));
    let got = without_tokens(subject, "DESK");
    let tagged =
        got.strip_prefix('[').and_then(|rest| rest.split_once("] ")).map_or(got.as_str(), |(_, rest)| rest);
    if got == base || tagged == base { Vec::new() } else { vec![format!("{got:?} not {base:?}")] }
}
