//! HTML made harmless.

use std::path::Path;

use maildesk::mail::html;
use serde_json::Value;

pub fn xss(folder: &Path, case: &Value, _: &Value) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(folder.join("dompurify_payloads.json")).expect("payloads");
    let list: Value = serde_json::from_str(&text).expect("JSON");
    let list =
        list["payloads"].as_array().or(list["cases"].as_array()).or(list.as_array()).expect("a list").clone();
    let found = list.iter().find(|p| p["id"] == case["id"])?;
    let payload = found["payload"].as_str()?;
    let out = html::harmless(payload);
    let mut wrong = Vec::new();
    if html::harmless(&out) != out {
        wrong.push(format!("not stable: {out:?}"));
    }
    let lower = out.to_lowercase();
    for tag in lower.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or("");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or("");
        let bad = [
            "script", "style", "svg", "math", "iframe", "object", "embed", "base", "meta", "link",
            "template", "form", "input", "button", "textarea", "select",
        ];
        let attributes: Vec<&str> = tag.split(' ').skip(1).collect();
        let acts = attributes.iter().any(|a| {
            a.starts_with("on")
                || ["style=", "id=", "name=", "class=", "srcdoc", "ping", "formaction"]
                    .iter()
                    .any(|b| a.starts_with(b))
        });
        let quoted = tag.split('"').step_by(2).collect::<String>();
        let remote = quoted.contains("src=") && !tag.contains("src=\"cid:");
        let link = quoted.contains("href=")
            && !["href=\"http://", "href=\"https://", "href=\"mailto:"].iter().any(|s| tag.contains(s));
        if bad.contains(&name)
            || (acts && !quoted.split(' ').all(|a| !a.starts_with("on") && !a.starts_with("id=")))
            || remote
            || link
        {
            wrong.push(format!("{tag:?} in {out:?}"));
        }
    }
    Some(wrong)
}
