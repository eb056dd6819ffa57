//! The page of the demo: the mailboxes of two customers and of a staff member side by side, each with a form
//! to write and to answer.
//!
//! It puts mails into the Maildir that the desk reads, and shows what the desk put into the other one; it
//! knows nothing else of the desk.

use crate::mail::{Inbound, Sender, parse};
use askama::Template;
use axum::Router;
use axum::extract::{Form, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// As the pages of the desk have it; the style stands in the page itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// Somebody whose part a newcomer plays.
pub struct Person {
    /// Their name.
    pub name: String,
    /// Their address.
    pub address: String,
    /// They answer; else they are a customer.
    pub staff: bool,
}

/// The desk of the demo and the people around it.
pub struct Stage {
    /// The Maildir from which the desk takes mail.
    pub inbox: PathBuf,
    /// The Maildir into which the desk writes letters.
    pub outbox: PathBuf,
    /// The address of the desk.
    pub desk: String,
    /// Where the desk's own pages are; no slash at the end.
    pub url: String,
    /// Two customers, then the staff member.
    pub people: Vec<Person>,
}

/// A letter of the desk in somebody's mailbox.
struct Received {
    file: String,
    from: String,
    subject: String,
    text: String,
    link: Option<String>,
    files: Vec<String>,
}

/// One column of the page.
struct Mailbox {
    name: String,
    address: String,
    staff: bool,
    mails: Vec<Received>,
}

#[derive(Template)]
#[template(path = "demo_page.html", config = "src/edge/web/askama.toml")]
struct Page<'a> {
    desk: &'a str,
    url: &'a str,
    boxes: Vec<Mailbox>,
}

#[derive(Deserialize)]
/// A new mail of a customer.
struct WriteForm {
    from: String,
    subject: String,
    words: String,
}

#[derive(Deserialize)]
/// An answer to the letter in `file`.
struct AnswerForm {
    from: String,
    file: String,
    words: String,
}

/// The page with its two forms. The gate before it checks Host and Origin: a page of a stranger in the same
/// browser could write mails else.
pub fn routes(stage: Arc<Stage>) -> Router {
    Router::new()
        .route("/", get(show))
        .route("/write", post(write))
        .route("/answer", post(answer))
        .with_state(stage)
}

async fn show(State(stage): State<Arc<Stage>>) -> Response {
    let boxes = stage.people.iter().map(|p| Mailbox {
        name: p.name.clone(),
        address: p.address.clone(),
        staff: p.staff,
        mails: letters(&stage, &p.address)
            .into_iter()
            .map(|(file, mail, _)| received(file, &mail, &stage.url))
            .collect(),
    });
    let page = Page { desk: &stage.desk, url: &stage.url, boxes: boxes.collect() };
    match page.render() {
        Ok(html) => ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn write(State(stage): State<Arc<Stage>>, Form(form): Form<WriteForm>) -> Response {
    let Some(person) = stage.people.iter().find(|p| p.address == form.from) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let seen = count(&stage.outbox);
    if put(&stage, person, &stage.desk, &form.subject, &form.words, None).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    something_new(&stage.outbox, seen).await;
    Redirect::to("/").into_response()
}

async fn answer(State(stage): State<Arc<Stage>>, Form(form): Form<AnswerForm>) -> Response {
    let Some(person) = stage.people.iter().find(|p| p.address == form.from) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let found = letters(&stage, &person.address).into_iter().find(|(file, ..)| *file == form.file);
    let Some((_, mail, _)) = found else { return StatusCode::NOT_FOUND.into_response() };
    let seen = count(&stage.outbox);
    if reply(&stage, person, &mail, &form.words).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    something_new(&stage.outbox, seen).await;
    Redirect::to("/").into_response()
}

/// Waits a short while for the desk to send something; not for long, since nothing may follow.
async fn something_new(outbox: &Path, seen: usize) {
    for _ in 0..60 {
        if count(outbox) > seen {
            // The other letters of the same decision leave at once after this one.
            tokio::time::sleep(Duration::from_millis(200)).await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn count(outbox: &Path) -> usize {
    std::fs::read_dir(outbox.join("new")).map_or(0, Iterator::count)
}

/// Letters to an address, newest first.
fn letters(stage: &Stage, address: &str) -> Vec<(String, Inbound, Vec<u8>)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(stage.outbox.join("new"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .collect();
    files.sort_by_key(|p| number(p));
    files.reverse();
    let read = files.into_iter().filter_map(|path| {
        let raw = std::fs::read(&path).ok()?;
        let mail = parse::parse(&raw);
        let mine = mail.to.iter().any(|m| m.address.eq_ignore_ascii_case(address));
        mine.then(|| (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), mail, raw))
    });
    read.take(30).collect()
}

/// The desk names its files `SECONDS.LETTER.maildesk`.
fn number(path: &Path) -> u64 {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    name.split('.').nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn whole(mail: &Inbound) -> String {
    let w = &mail.words;
    [&w.text, &w.quoted, &w.signature]
        .into_iter()
        .filter(|t| !t.trim().is_empty())
        .cloned()
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn received(file: String, mail: &Inbound, url: &str) -> Received {
    let text = whole(mail);
    let start = format!("{url}/login/");
    let link = text.split_whitespace().find(|w| w.starts_with(&start)).map(str::to_owned);
    let from = match &mail.from {
        Sender::One { name, address } => {
            if address.as_str().len() > 40 {
                name.clone()
            } else {
                format!("{name} <{address}>")
            }
        }
        _ => "the desk".into(),
    };
    let files = mail.attachments.iter().map(|a| a.filename.clone()).collect();
    Received { file, from, subject: mail.subject.clone(), text, link, files }
}

/// Answers as a mail client does: to Reply-To, with `Re:` before the subject and the quotation below.
fn reply(stage: &Stage, person: &Person, mail: &Inbound, words: &str) -> std::io::Result<()> {
    let to = mail.reply_to.as_ref().map_or(stage.desk.as_str(), |m| m.address.as_str());
    let subject =
        if mail.subject.starts_with("Re: ") { mail.subject.clone() } else { format!("Re: {}", mail.subject) };
    let quoted: String = whole(mail).lines().map(|l| format!("> {l}\n")).collect();
    let body = format!("{words}\n\nOn Mon, 23 Nov 2026 at 10:00, Acme Help wrote:\n{quoted}");
    put(stage, person, to, &subject, &body, mail.message_id.as_ref().map(ToString::to_string).as_deref())
}

/// Writes a mail into the desk's Maildir. `answers`: the id of the letter that it answers.
fn put(
    stage: &Stage,
    from: &Person,
    to: &str,
    subject: &str,
    body: &str,
    answers: Option<&str>,
) -> std::io::Result<()> {
    let mut random = [0; 12];
    getrandom::fill(&mut random).map_err(std::io::Error::other)?;
    let unique = data_encoding::HEXLOWER.encode(&random);
    let date = jiff::Zoned::now().strftime("%a, %d %b %Y %H:%M:%S %z");
    let line = |text: &str| crate::mail::Line::clean(text).as_str().to_owned();
    let thread = answers.map(|id| format!("In-Reply-To: {id}\nReferences: {id}\n")).unwrap_or_default();
    let domain = from.address.rsplit('@').next().unwrap_or("demo.example");
    let mail = format!(
        "From: {} <{}>\nTo: {}\nSubject: {}\nDate: {date}\nMessage-ID: <{unique}@{domain}>\n\
         {thread}MIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{}\n",
        from.name,
        from.address,
        line(to),
        line(subject),
        body.replace('\r', "")
    );
    let name = format!("{}.{unique}.demo", crate::app::now());
    let tmp = stage.inbox.join("tmp").join(&name);
    let mut file = std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&tmp)?;
    file.write_all(mail.as_bytes())?;
    std::fs::rename(tmp, stage.inbox.join("new").join(name))
}

/// A short conversation that is there when the newcomer comes: Carol asks, Bob answers, Carol thanks.
pub async fn sample(stage: Arc<Stage>) {
    if count(&stage.outbox) > 0 {
        return;
    }
    let [_, carol, bob] = stage.people.as_slice() else { return };
    let asked = put(
        &stage,
        carol,
        &stage.desk,
        "My desk lamp flickers",
        "Hello,\n\nmy desk lamp flickers since this morning, about once a minute. Is it the bulb?\n\n\
         -- \nCarol Clark\nOther Ltd.",
        None,
    );
    if asked.is_err() {
        return;
    }
    if let Some(notice) = wait_for(&stage, &bob.address, 1).await {
        let _ = reply(
            &stage,
            bob,
            &notice,
            "#category Lamps\n\nGood morning Carol,\n\n\
             most likely, yes. Please try another bulb of at most 40 watts.\n\nBob",
        );
    }
    if let Some(answer) = wait_for(&stage, &carol.address, 2).await {
        let _ = reply(&stage, carol, &answer, "That was it. Thank you!");
    }
}

/// Waits until `many` letters went to an address; the newest of them.
async fn wait_for(stage: &Stage, address: &str, many: usize) -> Option<Inbound> {
    for _ in 0..200 {
        let have = letters(stage, address);
        if have.len() >= many {
            return have.into_iter().next().map(|(_, mail, _)| mail);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    None
}
