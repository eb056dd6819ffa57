//! The mails of `fixtures/` against `fixtures/facts.json`, as they stand and with CRLF.

use maildesk::mail::parse::parse;
use maildesk::mail::{Inbound, Report};
use serde_json::{Value, json};

#[test]
fn facts() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let list = std::fs::read_to_string(folder.join("facts.json")).expect("the list");
    let list: Vec<Value> = serde_json::from_str(&list).expect("JSON");
    let mut wrong = Vec::new();
    for fact in &list {
        let name = fact["file"].as_str().expect("a name");
        let raw = std::fs::read_to_string(folder.join(name)).expect(name);
        for (ends, raw) in [("LF", raw.clone()), ("CRLF", raw.replace('\n', "\r\n"))] {
            wrong.extend(
                differences(&parse(raw.as_bytes()), fact)
                    .into_iter()
                    .map(|d| format!("{name} ({ends}): {d}")),
            );
        }
    }
    let files = ["report", "automatic"]
        .iter()
        .flat_map(|dir| std::fs::read_dir(folder.join(dir)).expect("a folder"))
        .count();
    assert_eq!(files, list.len(), "a mail without facts");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn differences(mail: &Inbound, fact: &Value) -> Vec<String> {
    let auto = &mail.automatic;
    let silent = auto.why.is_some() || auto.suppress || auto.daemon || auto.no_reply || mail.report.is_some();
    let only_list = auto.only_list;
    let got = json!({"automatic": auto.why.is_some(), "silent": silent, "only_list": only_list,
                     "report": mail.report.as_ref().map(|r| as_fact(r, &fact["report"]["recipients"]))});
    let same = |key: &str| got[key] == fact[key] || (key == "only_list" && fact[key].is_null() && !only_list);
    let keys = ["automatic", "silent", "only_list", "report"];
    keys.into_iter()
        .filter(|key| !same(key))
        .map(|key| format!("{key} is {}, not {}", got[key], fact[key]))
        .collect()
}

/// A diagnostic that holds the wanted piece counts as that piece.
fn as_fact(report: &Report, wanted: &Value) -> Value {
    let recipients = report.recipients.iter().enumerate().map(|(n, r)| {
        let piece = wanted[n]["diagnostic"].as_str();
        let told = r.diagnostic.as_deref().map(|d| piece.filter(|p| d.contains(p)).unwrap_or(d));
        json!({"address": r.address, "status": r.status, "permanent": r.permanent, "diagnostic": told})
    });
    let recipients: Vec<Value> = recipients.collect();
    let ids: Vec<&str> = report.original_ids.iter().map(|id| id.as_str()).collect();
    json!({"kind": report.kind.as_str(), "recipients": recipients, "ids": ids})
}
