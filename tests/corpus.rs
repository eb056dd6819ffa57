//! The measures on mails of other projects: one table with the share reached, for each purpose.
//!
//! Reads the folder that `MAILDESK_CORPUS` names, else `../shared/corpus`. Each mail is fed as it stands and once more
//! with CRLF line ends; a case counts where both are right. `MAILDESK_CORPUS_SHOW=reply` prints the cases that fail.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use maildesk::mail::parse::parse;
use maildesk::mail::{Inbound, Mailbox, ReportKind, Sender, Words, html, quote};
use serde_json::Value;

struct Purpose {
    name: &'static str,
    right: usize,
    all: usize,
    least: f64,
}

#[test]
fn measures() {
    let root = std::env::var_os("MAILDESK_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"), PathBuf::from);
    if !root.join("mime/expectations.json").is_file() {
        println!("no corpus at {}: nothing measured (set MAILDESK_CORPUS)", root.display());
        return;
    }
    let purposes = [
        run(&root, "mime", LEAST[0], mime),
        run(&root, "reply", LEAST[1], reply),
        run(&root, "bounce", LEAST[2], bounce),
        run(&root, "auto", LEAST[3], auto),
        run(&root, "xss", LEAST[4], xss),
        run(&root, "spoof", LEAST[5], spoof),
    ];
    println!("{:8} {:>5} {:>5} {:>7}  at least", "purpose", "right", "all", "share");
    for p in &purposes {
        println!("{:8} {:>5} {:>5} {:>7.3}  {:.2}", p.name, p.right, p.all, share(p), p.least);
    }
    for p in &purposes {
        assert!(share(p) >= p.least, "{} fell to {:.3}", p.name, share(p));
    }
}

/// mime, reply, bounce, auto, xss, spoof.
const LEAST: [f64; 6] = [0.97, 0.96, 0.95, 1.0, 1.0, 1.0];

#[allow(clippy::cast_precision_loss)]
fn share(p: &Purpose) -> f64 {
    p.right as f64 / p.all.max(1) as f64
}

fn run(root: &Path, name: &'static str, least: f64, judge: fn(&Path, &Value, &Value) -> Option<Vec<String>>) -> Purpose {
    let folder = root.join(name);
    let text = std::fs::read_to_string(folder.join("expectations.json")).expect("expectations");
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let show = std::env::var("MAILDESK_CORPUS_SHOW").is_ok_and(|s| s == name || s == "all");
    let mut purpose = Purpose { name, right: 0, all: 0, least };
    let heads = all["header_cases"].as_array().filter(|_| name == "auto").cloned().unwrap_or_default();
    for case in all["cases"].as_array().expect("cases").iter().chain(&heads) {
        let Some(wrong) = judge(&folder, case, &all) else {
            continue;
        };
        purpose.all += 1;
        purpose.right += usize::from(wrong.is_empty());
        if show && !wrong.is_empty() {
            println!("{name} {}: {}", case["id"].as_str().or(case["file"].as_str()).unwrap_or("?"), wrong.join("; "));
        }
    }
    purpose
}

fn crlf(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 40);
    for (at, &b) in raw.iter().enumerate() {
        if b == b'\n' && (at == 0 || raw[at - 1] != b'\r') {
            out.push(b'\r');
        }
        out.push(b);
    }
    out
}

fn both(folder: &Path, case: &Value) -> Vec<Inbound> {
    let raw = std::fs::read(folder.join(case["file"].as_str().unwrap_or_default())).unwrap_or_default();
    vec![parse(&raw), parse(&crlf(&raw))]
}

fn from(mail: &Inbound) -> Option<Mailbox> {
    match &mail.from {
        Sender::One { name, address } => Some(Mailbox { name: name.clone(), address: address.to_string() }),
        Sender::Unclear { shown, .. } => shown.clone(),
        Sender::Missing => None,
    }
}

fn strings(value: &Value) -> Vec<String> {
    let one = value.as_str().map(|s| vec![s.to_owned()]);
    one.or_else(|| value.as_array().map(|a| a.iter().filter_map(Value::as_str).map(str::to_owned).collect())).unwrap_or_default()
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}

fn mime(folder: &Path, case: &Value, _: &Value) -> Option<Vec<String>> {
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
        same("from", sender.as_ref().map(|m| m.address.to_lowercase()).unwrap_or_default(), first.to_lowercase());
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
            same(key, list.iter().map(|m| m.address.clone()).collect::<Vec<_>>().join(","), strings(&case[key]).join(","));
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
            same(key, list.iter().map(|i| i.as_str().to_owned()).collect::<Vec<_>>().join(","), strings(&case[key]).join(","));
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
            let whole =
                if start.rfind('<') > start.rfind('>') { start.rsplit_once('<').map_or(start, |(s, _)| s) } else { start };
            html::to_text(whole)
        } else {
            start.to_owned()
        };
        let start: String =
            bare(&start).chars().filter(|c| *c != '>' && *c != '\0').take_while(|c| *c != '\u{fffd}').take(40).collect();
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
        if !mail.attachments.iter().any(|a| name.is_none_or(|n| n == a.filename) && size.is_none_or(|s| s == a.size)) {
            let got: Vec<_> = mail.attachments.iter().map(|a| (&a.filename, a.size)).collect();
            wrong.push(format!("no file {file} in {got:?}"));
        }
    }
}

/// Each body as it stands and as a mail with LF and with CRLF line ends; only white space may differ.
fn reply(folder: &Path, case: &Value, all: &Value) -> Option<Vec<String>> {
    if case["strength"] == "ideal" {
        return None;
    }
    let file = || std::fs::read(folder.join(case["file"].as_str().unwrap_or_default())).unwrap_or_default();
    let is_html = !case["html"].is_null() || !case["reply_text_nows"].is_null();
    let source = if is_html { &case["html"] } else { &case["text"] };
    let begun = Instant::now();
    let mut readings = Vec::new();
    let mut input = String::new();
    if case["input"] == "eml" {
        readings.extend(both(folder, case).into_iter().map(|m| m.words));
    } else {
        input =
            source.as_str().map_or_else(|| String::from_utf8_lossy(&file()).into_owned(), str::to_owned).replace("\r\n", "\n");
        let kind = if is_html { "html" } else { "plain" };
        let mail = format!("From: a@b.example\nContent-Type: text/{kind}; charset=utf-8\n\n{input}");
        readings.push(parse(mail.as_bytes()).words);
        readings.push(parse(&crlf(mail.as_bytes())).words);
        if !is_html {
            readings.push(quote::fold(&input));
        }
    }
    let mut wrong = Vec::new();
    if case["max_ms"].as_u64().is_some_and(|max| begun.elapsed().as_millis() > u128::from(max) * readings.len() as u128) {
        wrong.push(format!("took {:?}", begun.elapsed()));
    }
    for words in &readings {
        reply_words(words, case, all, &input, &mut wrong);
    }
    Some(wrong)
}

/// The signature may stand behind the text only where the origin keeps signatures, too (`signature_hidden` false).
fn reply_words(words: &Words, case: &Value, all: &Value, input: &str, wrong: &mut Vec<String>) {
    let kept = format!("{}\n{}", words.text, words.signature);
    let keeps = case["signature_hidden"] == false;
    let equal = |wanted: &str| squeeze(&words.text) == squeeze(wanted) || (keeps && squeeze(&kept) == squeeze(wanted));
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

fn bounce(folder: &Path, case: &Value, _: &Value) -> Option<Vec<String>> {
    let mut wrong = Vec::new();
    for mail in both(folder, case) {
        let kind = mail.report.as_ref().map(|r| r.kind);
        let fine = match case["kind"].as_str().unwrap_or("") {
            "bounce" => kind == Some(ReportKind::Failure),
            "delayed" => kind == Some(ReportKind::Delay),
            "delivered" => kind == Some(ReportKind::Delivered),
            "feedback" => kind == Some(ReportKind::Abuse),
            "mdn" => matches!(kind, Some(ReportKind::Other | ReportKind::Delivered)),
            "bounce_or_challenge" | "challenge" => true,
            _ => kind.is_none() || kind == Some(ReportKind::Other),
        };
        let report = mail.report.clone();
        if !fine {
            wrong.push(format!("{kind:?}, not {}", case["kind"]));
        }
        let got: BTreeSet<String> = report.iter().flat_map(|r| &r.recipients).map(|r| r.address.to_lowercase()).collect();
        let wanted: BTreeSet<String> = strings(&case["recipients"]).iter().map(|r| r.to_lowercase()).collect();
        if !wanted.is_empty() && got != wanted {
            wrong.push(format!("recipients {got:?} not {wanted:?}"));
        }
        if let Some(count) = case["recipients_reported"].as_u64()
            && case["kind"] == "bounce"
            && (got.is_empty() || got.len() as u64 > count + 1)
        {
            wrong.push(format!("recipients {got:?}, {count} reported"));
        }
        if let Some(id) = case["orig_message_id"].as_str()
            && !report.iter().flat_map(|r| &r.original_ids).any(|i| i.as_str() == id)
        {
            wrong.push(format!("id {id} not found"));
        }
    }
    Some(wrong)
}

fn auto(folder: &Path, case: &Value, _: &Value) -> Option<Vec<String>> {
    let wanted = case["must_not_autoreply"].as_bool()?;
    let left_out = case["strength"].as_str().is_some_and(|s| s.starts_with("optional") || s.starts_with("ideal"));
    if left_out || case["id"] == "roundup/subject" {
        return None;
    }
    let mails = if case["file"].is_string() {
        both(folder, case)
    } else {
        let line = case["add_header"].as_str().unwrap_or("X-None: 1");
        vec![parse(
            format!(
                "From: Ann <ann@example.com>\r\nTo: desk@example.org\r\nSubject: {}\r\n{line}\r\n\r\nHello\r\n",
                case["subject"].as_str().unwrap_or("x")
            )
            .as_bytes(),
        )]
    };
    let silent = |m: &Inbound| {
        m.automatic.why.is_some() || m.automatic.suppress || m.automatic.daemon || m.automatic.no_reply || m.report.is_some()
    };
    Some(mails.iter().filter(|m| silent(m) != wanted).map(|m| format!("{:?} {:?}", m.automatic, m.report)).collect())
}

fn xss(folder: &Path, case: &Value, _: &Value) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(folder.join("dompurify_payloads.json")).expect("payloads");
    let list: Value = serde_json::from_str(&text).expect("JSON");
    let list = list["payloads"].as_array().or(list["cases"].as_array()).or(list.as_array()).expect("a list").clone();
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
            "script", "style", "svg", "math", "iframe", "object", "embed", "base", "meta", "link", "template", "form", "input",
            "button", "textarea", "select",
        ];
        let attributes: Vec<&str> = tag.split(' ').skip(1).collect();
        let acts = attributes.iter().any(|a| {
            a.starts_with("on")
                || ["style=", "id=", "name=", "class=", "srcdoc", "ping", "formaction"].iter().any(|b| a.starts_with(b))
        });
        let quoted = tag.split('"').step_by(2).collect::<String>();
        let remote = quoted.contains("src=") && !tag.contains("src=\"cid:");
        let link =
            quoted.contains("href=") && !["href=\"http://", "href=\"https://", "href=\"mailto:"].iter().any(|s| tag.contains(s));
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

fn spoof(folder: &Path, case: &Value, _: &Value) -> Option<Vec<String>> {
    let mails = match case["header"].as_str() {
        Some(header) => vec![parse(format!("{header}\r\nTo: desk@example.org\r\nSubject: x\r\n\r\nHello\r\n").as_bytes())],
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
