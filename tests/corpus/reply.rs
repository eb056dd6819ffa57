//! New words parted from quotations.

use std::path::Path;

use maildesk::mail::parse::parse;
use maildesk::mail::quote;
use serde_json::Value;

use super::feed::{bare, squeeze, strings};

pub fn reply(folder: &Path, case: &Value, all: &Value) -> Option<Vec<String>> {
    if case["strength"].as_str().is_some_and(|s| s.starts_with("optional") || s == "ideal") {
        return None;
    }
    let file = || std::fs::read(folder.join(case["file"].as_str().unwrap_or_default())).unwrap_or_default();
    let page =
        |html: &str| parse(format!("From: a@b.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}").as_bytes()).words;
    let is_html = !case["html"].is_null() || !case["reply_text_nows"].is_null();
    let (words, input) = if case["input"] == "eml" {
        (parse(&file()).words, String::new())
    } else {
        let source = if is_html { &case["html"] } else { &case["text"] };
        let input = source.as_str().map_or_else(|| String::from_utf8_lossy(&file()).replace("\r\n", "\n"), str::to_owned);
        (if is_html { page(&input) } else { quote::fold(&input) }, input)
    };
    let kept = format!("{}\n{}", words.text, words.signature);
    let mut wrong = Vec::new();
    let equal = |wanted: &str| {
        words.text.trim() == wanted.trim()
            || kept.trim() == wanted.trim()
            || squeeze(&words.text) == squeeze(wanted)
            || squeeze(&kept) == squeeze(wanted)
    };
    let common = |s: &str| {
        if s == "@common" { all["common"].as_str().unwrap_or_default().to_owned() } else { s.to_owned() }
    };
    if let Some(wanted) = case["reply_equals"].as_str().map(common)
        && !equal(&wanted)
    {
        wrong.push(format!("{:?} not {wanted:?}", words.text));
    }
    if case["reply_equals_file"] == true && !equal(&input) {
        wrong.push(format!("cut: quoted {:?} signature {:?}", words.quoted, words.signature));
    }
    if let Some(wanted) = case["reply_starts_with"].as_str().map(common)
        && !words.text.trim().starts_with(wanted.trim())
    {
        wrong.push(format!("{:?} does not start with {wanted:?}", words.text));
    }
    if let Some(wanted) = case["reply_text_nows"].as_str()
        && bare(&words.text) != wanted
        && bare(&kept) != wanted
    {
        wrong.push(format!("{:?} not {wanted:?}", bare(&words.text)));
    }
    for piece in strings(&case["reply_contains"]).iter().filter(|p| !words.text.contains(p.as_str())) {
        wrong.push(format!("lacks {piece:?}"));
    }
    for piece in strings(&case["reply_not_contains"]).iter().filter(|p| words.text.contains(p.as_str())) {
        wrong.push(format!("holds {piece:?}"));
    }
    Some(wrong)
}
