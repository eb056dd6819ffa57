//! Who is in From.

use std::path::Path;

use maildesk::mail::parse::parse;
use serde_json::Value;

use super::feed::{both, from, strings};

pub fn spoof(folder: &Path, case: &Value, _: &Value) -> Option<Vec<String>> {
    let mails = match case["header"].as_str() {
        Some(header) => {
            vec![parse(format!("{header}\r\nTo: desk@example.org\r\nSubject: x\r\n\r\nHello\r\n").as_bytes())]
        }
        None => both(folder, case),
    };
    let mut wrong = Vec::new();
    for mail in mails {
        let got = mail.from.address().map(|a| a.as_str().to_owned());
        let shown = from(&mail).unwrap_or_default();
        let any = case["address_any"].as_array();
        if let Some(address) = case["address"].as_str()
            && got.as_deref() != Some(address)
        {
            wrong.push(format!("{:?} not {address}", mail.from));
        }
        if any.is_some_and(|a| !a.iter().any(|v| v.as_str() == got.as_deref())) {
            wrong.push(format!("{got:?} not of {any:?}"));
        }
        if got.is_some_and(|g| strings(&case["address_must_not_be"]).contains(&g))
            || shown.name.chars().chain(shown.address.chars()).any(char::is_control)
        {
            wrong.push(format!("{shown:?}"));
        }
    }
    Some(wrong)
}
