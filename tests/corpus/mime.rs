//! Parsing: fields, words, files.

use std::path::Path;

use maildesk::mail::{Inbound, html};
use serde_json::Value;

use super::feed::{bare, both, from, squeeze, strings};

pub fn mime(folder: &Path, case: &Value, _: &Value) -> Option<Vec<String>> {
    let mut wrong = Vec::new();
    for mail in both(folder, case) {
        mime_head(&mail, case, &mut wrong);
        mime_body(&mail, case, &mut wrong);
    }
    Some(wrong)
}

fn mime_head(mail: &Inbound, case: &Value, wrong: &mut Vec<String>) {
    let mut same = |what: &str, got: String, wanted: String| {
        // Where the origin could not decode, any character may stand.
        let like = wanted.contains('\u{fffd}')
            && got.chars().count() == wanted.chars().count()
            && got.chars().zip(wanted.chars()).all(|(g, w)| g == w || w == '\u{fffd}');
        if got != wanted && !like {
            wrong.push(format!("{what} {got:?} not {wanted:?}"));
        }
    };
    let sender = from(mail);
    if case["from"].is_array() || case["from"].is_string() {
        let first = strings(&case["from"]).first().cloned().unwrap_or_default();
        same(
            "from",
            sender.as_ref().map(|m| m.address.to_lowercase()).unwrap_or_default(),
            first.to_lowercase(),
        );
    }
    if let Some(pair) = case["from_pairs"].get(0) {
        let got = sender.clone().unwrap_or_default();
        same("from name", squeeze(&got.name), squeeze(pair[0].as_str().unwrap_or("")));
        same("from address", got.address.to_lowercase(), pair[1].as_str().unwrap_or("").to_lowercase());
    }
    if let Some(name) = case["from_name"].as_str() {
        same("from name", sender.map(|m| m.name).unwrap_or_default(), name.to_owned());
    }
    for (key, list) in [("to", &mail.to), ("cc", &mail.cc)] {
        if !case[key].is_null() {
            same(
                key,
                list.iter().map(|m| m.address.clone()).collect::<Vec<_>>().join(","),
                strings(&case[key]).join(","),
            );
        }
    }
    if let Some(subject) = case["subject"].as_str() {
        same("subject", squeeze(&mail.subject), squeeze(subject));
    }
    if let Some(subject) = case["subject_nows"].as_str() {
        same("subject", bare(&mail.subject), subject.to_owned());
    }
    if let Some(id) = case["message_id"].as_str() {
        same("id", mail.message_id.as_ref().map(|i| i.as_str().to_owned()).unwrap_or_default(), bare(id));
    }
    for (key, list) in [("references", &mail.references), ("in_reply_to", &mail.in_reply_to)] {
        if !case[key].is_null() {
            same(
                key,
                list.iter().map(|i| i.as_str().to_owned()).collect::<Vec<_>>().join(","),
                strings(&case[key]).join(","),
            );
        }
    }
}

fn mime_body(mail: &Inbound, case: &Value, wrong: &mut Vec<String>) {
    let whole = format!("{}\n{}\n{}", mail.words.text, mail.words.quoted, mail.words.signature);
    if let Some(text) = case["text_equals"].as_str()
        && bare(&whole) != bare(text)
    {
        wrong.push(format!("text {whole:?} not {text:?}"));
    }
    for text in strings(&case["text_contains"]) {
        if !bare(&whole).contains(&bare(&text)) {
            wrong.push(format!("text lacks {text:?}"));
        }
    }
    if let Some(start) = case["body_start"].as_str() {
        let start = if start.contains('<') {
            // The origin cut the source anywhere, also inside a tag.
            let whole = if start.rfind('<') > start.rfind('>') {
                start.rsplit_once('<').map_or(start, |(s, _)| s)
            } else {
                start
            };
            html::to_text(whole)
        } else {
            start.to_owned()
        };
        let start: String = bare(&start)
            .chars()
            .filter(|c| *c != '>' && *c != '\0')
            .take_while(|c| *c != '\u{fffd}')
            .take(40)
            .collect();
        if !bare(&whole).replace('>', "").contains(&start) {
            wrong.push(format!("body lacks {start:?} in {:?}", whole.chars().take(80).collect::<String>()));
        }
    }
    for key in ["attachment_count", "attachment_count_rfc8621"] {
        if let Some(count) = case[key].as_u64()
            && count != mail.attachments.len() as u64
        {
            wrong.push(format!("{} attachments, not {count}", mail.attachments.len()));
        }
    }
    for file in case["attachments"].as_array().into_iter().flatten() {
        let name = file["filename"].as_str();
        let size = file["size"].as_u64();
        if !mail
            .attachments
            .iter()
            .any(|a| name.is_none_or(|n| n == a.filename) && size.is_none_or(|s| s == a.size))
        {
            let got: Vec<_> = mail.attachments.iter().map(|a| (&a.filename, a.size)).collect();
            wrong.push(format!("no file {file} in {got:?}"));
        }
    }
}
