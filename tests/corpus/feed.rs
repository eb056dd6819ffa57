//! How a mail is fed, and how words are compared.

use std::path::Path;

use maildesk::mail::parse::parse;
use maildesk::mail::{Inbound, Mailbox, Sender};
use serde_json::Value;

pub fn crlf(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 40);
    for (at, &b) in raw.iter().enumerate() {
        if b == b'\n' && (at == 0 || raw[at - 1] != b'\r') {
            out.push(b'\r');
        }
        out.push(b);
    }
    out
}

pub fn both(folder: &Path, case: &Value) -> Vec<Inbound> {
    let raw = std::fs::read(folder.join(case["file"].as_str().unwrap_or_default())).unwrap_or_default();
    vec![parse(&raw), parse(&crlf(&raw))]
}

pub fn from(mail: &Inbound) -> Option<Mailbox> {
    match &mail.from {
        Sender::One { name, address } => Some(Mailbox { name: name.clone(), address: address.to_string() }),
        Sender::Unclear { shown, .. } => shown.clone(),
        Sender::Missing => None,
    }
}

pub fn strings(value: &Value) -> Vec<String> {
    let one = value.as_str().map(|s| vec![s.to_owned()]);
    one.or_else(|| value.as_array().map(|a| a.iter().filter_map(Value::as_str).map(str::to_owned).collect()))
        .unwrap_or_default()
}

pub fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}
