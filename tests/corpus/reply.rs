//! New words parted from quotations.

use std::path::Path;

use maildesk::mail::parse::parse;
use maildesk::mail::{Words, quote};
use serde_json::Value;

use super::counted;
use super::feed::{bare, both, crlf, squeeze, strings};

/// Each body as it stands and as a mail with LF and with CRLF line ends; only white space may differ.
pub fn reply(folder: &Path, case: &Value, all: &Value) -> Option<Vec<String>> {
    if case["strength"] == "ideal" {
        return None;
    }
    let file = || std::fs::read(folder.join(case["file"].as_str().unwrap_or_default())).unwrap_or_default();
    let is_html = !case["html"].is_null() || !case["reply_text_nows"].is_null();
    let source = if is_html { &case["html"] } else { &case["text"] };
    let mut readings = Vec::new();
    let mut input = String::new();
    if case["input"] == "eml" {
        readings.extend(both(folder, case).into_iter().map(|m| m.words));
    } else {
        input = source
            .as_str()
            .map_or_else(|| String::from_utf8_lossy(&file()).into_owned(), str::to_owned)
            .replace("\r\n", "\n");
        let kind = if is_html { "html" } else { "plain" };
        let mail = format!("From: a@b.example\nContent-Type: text/{kind}; charset=utf-8\n\n{input}");
        readings.push(parse(mail.as_bytes()).words);
        readings.push(parse(&crlf(mail.as_bytes())).words);
        if !is_html {
            readings.push(quote::fold(&input));
        }
    }
    let mut wrong = Vec::new();
    for words in &readings {
        reply_words(words, case, all, &input, &mut wrong);
    }
    Some(wrong)
}

/// The signature may stand behind the text only where the origin keeps signatures, too (`signature_hidden`
/// false).
fn reply_words(words: &Words, case: &Value, all: &Value, input: &str, wrong: &mut Vec<String>) {
    let kept = format!("{}\n{}", words.text, words.signature);
    let keeps = case["signature_hidden"] == false;
    let equal = |wanted: &str| {
        squeeze(&words.text) == squeeze(wanted) || (keeps && squeeze(&kept) == squeeze(wanted))
    };
    let common = |s: &str| {
        if s == "@common" { all["common"].as_str().unwrap_or_default().to_owned() } else { s.to_owned() }
    };
    // talon-signature: folded as the origin does, or kept.
    let optional = case["strength"].as_str().is_some_and(|s| s.starts_with("optional"));
    if let Some(wanted) = case["reply_equals"].as_str().map(common)
        && !equal(&wanted)
        && !(optional && squeeze(&words.text) == squeeze(input))
    {
        wrong.push(format!("{:?} not {wanted:?}", words.text));
    }
    if case["reply_equals_file"] == true && !(words.quoted.is_empty() && squeeze(&kept) == squeeze(input)) {
        wrong.push(format!("cut: quoted {:?} signature {:?}", words.quoted, words.signature));
    }
    if let Some(wanted) = case["reply_starts_with"].as_str().map(common)
        && !squeeze(&words.text).starts_with(&squeeze(&wanted))
    {
        wrong.push(format!("{:?} does not start with {wanted:?}", words.text));
    }
    if let Some(wanted) = case["reply_text_nows"].as_str()
        && bare(&words.text) != wanted
        && !(keeps && bare(&kept) == wanted)
    {
        wrong.push(format!("{:?} not {wanted:?}", bare(&words.text)));
    }
    if case["reply_not_empty"] == true && words.text.trim().is_empty() {
        wrong.push("empty".to_owned());
    }
    for piece in strings(&case["reply_contains"]).iter().filter(|p| !words.text.contains(p.as_str())) {
        wrong.push(format!("lacks {piece:?}"));
    }
    for piece in strings(&case["reply_not_contains"]).iter().filter(|p| words.text.contains(p.as_str())) {
        wrong.push(format!("holds {piece:?}"));
    }
}

/// Where the origin bounds the time of a case, the case costs no more than twenty times ordinary words of its
/// size.
#[test]
fn cases_with_a_bound_of_time_are_read_quickly() {
    let Some(root) = super::corpus() else { return };
    let folder = root.join("reply");
    let text = std::fs::read_to_string(folder.join("expectations.json")).expect("expectations");
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let cases = all["cases"].as_array().expect("cases").iter().filter(|c| !c["max_ms"].is_null());
    let file = |c: &Value| std::fs::read_to_string(folder.join(c["file"].as_str().expect("a file")));
    let texts: Vec<String> = cases.map(|c| file(c).expect("a text")).collect();
    let line = "An ordinary line of an ordinary mail, as long as such lines are.\n";
    let ordinary: Vec<String> = texts.iter().map(|t| line.repeat(t.len() / line.len() + 1)).collect();
    let pairs: Vec<&str> = texts.iter().zip(&ordinary).flat_map(|(t, o)| [t.as_str(), o.as_str()]).collect();
    assert!(!pairs.is_empty());
    let read = |text: &str| drop(std::hint::black_box(quote::fold(text)));
    read(&ordinary[0]);
    let Some(counts) = counted::instructions(&pairs, read) else { return };
    for (text, counts) in texts.iter().zip(counts.chunks(2)) {
        assert!(counts[0] < counts[1] * 20, "{text:.80}: {} and {} instructions", counts[0], counts[1]);
    }
}
