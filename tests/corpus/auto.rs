//! Automatic mail and lists.

use std::path::Path;

use maildesk::mail::Inbound;
use maildesk::mail::parse::parse;
use serde_json::Value;

use super::feed::both;

pub fn auto(folder: &Path, case: &Value, _: &Value) -> Option<Vec<String>> {
    let wanted = case["must_not_autoreply"].as_bool()?;
    let left_out =
        case["strength"].as_str().is_some_and(|s| s.starts_with("optional") || s.starts_with("ideal"));
    if left_out || case["id"] == "roundup/subject" {
        return None;
    }
    let mails = if case["file"].is_string() {
        both(folder, case)
    } else {
        let line = case["add_header"].as_str().unwrap_or("X-None: 1");
        vec![parse(
            format!(
                "From: Ann <ann@example.com>\r\nTo: desk@example.org\r\nSubject: {}\r\n{line}\r\n\r\n\
                 Hello\r\n",
                case["subject"].as_str().unwrap_or("x")
            )
            .as_bytes(),
        )]
    };
    let silent = |m: &Inbound| {
        m.automatic.why.is_some()
            || m.automatic.suppress
            || m.automatic.daemon
            || m.automatic.no_reply
            || m.report.is_some()
    };
    Some(
        mails
            .iter()
            .filter(|m| silent(m) != wanted)
            .map(|m| format!("{:?} {:?}", m.automatic, m.report))
            .collect(),
    )
}
