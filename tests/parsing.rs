//! Own mails in odd charsets, structures and names, and what each must become:
//! `fixtures/parse/expected.toml`.

use std::path::{Path, PathBuf};

use maildesk::mail::Inbound;
use maildesk::mail::parse::{attachment, parse};
use toml::{Table, Value};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/parse")
}

fn crlf(raw: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = raw.split(|&b| b == b'\n').map(|l| l.strip_suffix(b"\r").unwrap_or(l)).collect();
    lines.join(b"\r\n".as_slice())
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().map(|a| a.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}

/// What is not as the list says.
fn wrong(mail: &Inbound, raw: &[u8], wanted: &Table) -> Vec<String> {
    let whole = [mail.words.text.as_str(), &mail.words.quoted, &mail.words.signature].join("\n");
    let mut wrong = Vec::new();
    for (key, value) in wanted {
        let text = value.as_str().unwrap_or_default();
        let (fine, got) = match key.as_str() {
            "subject" => (mail.subject == text, format!("{:?}", mail.subject)),
            "from_name" => (mail.from.name() == text, format!("{:?}", mail.from)),
            "text" => (whole.trim() == text, format!("{whole:?}")),
            "text_has" => (strings(value).iter().all(|t| whole.contains(t)), format!("{whole:?}")),
            "defects" => {
                (strings(value).iter().all(|d| mail.defects.contains(d)), format!("{:?}", mail.defects))
            }
            "files" => {
                let names: Vec<&str> = mail.attachments.iter().map(|a| a.filename.as_str()).collect();
                (names == strings(value), format!("{names:?}"))
            }
            "inline" => {
                let inline: Vec<Value> = mail.attachments.iter().map(|a| Value::Boolean(a.inline)).collect();
                (value.as_array() == Some(&inline), format!("{inline:?}"))
            }
            "sizes" => {
                let sizes: Vec<Value> =
                    mail.attachments.iter().map(|a| Value::Integer(a.size as i64)).collect();
                (value.as_array() == Some(&sizes), format!("{sizes:?}"))
            }
            other => (false, format!("no fact is called {other}")),
        };
        if !fine {
            wrong.push(format!("{key} is {got}, not {value}"));
        }
    }
    for file in &mail.attachments {
        let bytes = attachment(raw, file.part).map(|b| b.len() as u64);
        if bytes != Some(file.size) {
            wrong.push(format!("file {:?} of {} bytes is served with {bytes:?}", file.filename, file.size));
        }
    }
    wrong
}

#[test]
fn every_fixture_becomes_what_its_line_says() {
    let list = std::fs::read_to_string(folder().join("expected.toml")).expect("the list");
    let list: Table = list.parse().expect("TOML");
    let mut faults = Vec::new();
    for (name, wanted) in &list {
        let raw = std::fs::read(folder().join(format!("{name}.eml"))).expect(name);
        let wanted = wanted.as_table().expect("a table");
        for raw in [raw.clone(), crlf(&raw)] {
            faults.extend(wrong(&parse(&raw), &raw, wanted).into_iter().map(|w| format!("{name}: {w}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let mails = std::fs::read_dir(folder())
        .expect("the folder")
        .flatten()
        .filter(|e| e.path().extension().is_some_and(|e| e == "eml"));
    assert_eq!(mails.count(), list.len(), "a mail without its line in the list");
}
