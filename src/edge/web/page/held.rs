//! Mails that were held in the name of a staff member: by the link of a letter they say here what becomes of
//! each. GET and HEAD change nothing (T105); each mail is answered once.

use crate::app::{Answered, HeldPage, Visitor};
use crate::edge::web::shell::form::{Posted, fields, last_part, same_secret};
use crate::edge::web::shell::frame::{Frame, render};
use crate::edge::web::shell::refusal::{self, Refusal};
use crate::edge::web::shell::site::Site;
use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Mails that were held in the name of a staff member, each with its two buttons.
#[derive(Template)]
#[template(path = "held.html", config = "src/edge/web/askama.toml")]
struct Held<'a> {
    frame: &'a Frame,
    signed: Option<&'a Visitor>,
    /// What a button has just done, as a sentence.
    done: Option<&'static str>,
    address: &'a str,
    mails: &'a [HeldMail<'a>],
}

struct HeldMail<'a> {
    id: i64,
    from: &'a str,
    subject: &'a str,
    reason: &'a str,
    received_at: i64,
    /// The hidden value of its form.
    page_seal: String,
}

/// A link to held mail that shows nothing any more: one page for all.
#[derive(Template)]
#[template(path = "held_dead.html", config = "src/edge/web/askama.toml")]
struct HeldDead<'a> {
    frame: &'a Frame,
    signed: Option<&'a Visitor>,
}

/// One of the two buttons beside a mail.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerForm {
    /// Bound to the link and to the mail (T69).
    #[serde(rename = "page")]
    page_seal: String,
    mail: i64,
    act: Act,
}

/// What the person says of a mail.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// They wrote it: it does what it would have done.
    Confirm,
    /// They did not write it.
    Discard,
}

/// GET /held/TOKEN
pub async fn show(State(site): State<Site>, uri: Uri) -> Result<Response, Refusal> {
    let token = last_part(&uri).to_owned();
    let asked = token.clone();
    let found = site.ask(move |desk| desk.visitors().held_page(&asked)).await?;
    Ok(found.map_or_else(|| dead_page(&site), |page| held_page(&site, &token, None, Some(&page))))
}

/// POST /held/TOKEN
pub async fn answer(
    State(site): State<Site>,
    uri: Uri,
    form: Posted<AnswerForm>,
) -> Result<Response, Refusal> {
    let token = last_part(&uri).to_owned();
    let AnswerForm { page_seal, mail, act } = fields(form)?;
    if !same_secret(&seal(&site, &token, mail), &page_seal) {
        return Err(refusal::CROSS_SITE);
    }
    let asked = token.clone();
    let answered =
        site.ask(move |desk| desk.visitors().held_answer(&asked, mail, act == Act::Confirm)).await?;
    Ok(match answered {
        Answered::Dead => dead_page(&site),
        Answered::Discarded(left) => held_page(&site, &token, Some(DISCARDED), left.as_ref()),
        Answered::Confirmed(outcome, left) => {
            held_page(&site, &token, Some(confirmed(outcome)), left.as_ref())
        }
    })
}

const DISCARDED: &str = "The mail is discarded. Nobody else got it.";

/// What became of a confirmed mail, in words.
fn confirmed(outcome: &str) -> &'static str {
    match outcome {
        "held" => {
            "Something stands in its way: the mail is still held. If something newer crossed it, a letter \
             tells you what; else ask the operator of the desk."
        }
        "refused" => "One of its commands was refused, so nothing of it was sent. A letter tells you why.",
        _ => "The mail now does what it would have done at first.",
    }
}

fn seal(site: &Site, token: &str, mail: i64) -> String {
    site.page_seal("held", &format!("{token}/{mail}"))
}

/// `done`: what a button has just done. `page`: what is still held; `None`: nothing.
fn held_page(site: &Site, token: &str, done: Option<&'static str>, page: Option<&HeldPage>) -> Response {
    let mails: Vec<HeldMail<'_>> = page
        .into_iter()
        .flat_map(|p| &p.mails)
        .map(|h| HeldMail {
            id: h.id,
            from: h.from.as_deref().unwrap_or("nobody who can be read"),
            subject: &h.subject,
            reason: &h.reason,
            received_at: h.received_at,
            page_seal: seal(site, token, h.id),
        })
        .collect();
    let address = page.map_or("", |p| p.address.as_str());
    render(&Held { frame: site.frame(), signed: None, done, address, mails: &mails })
}

/// One page for every link that is expired, answered, unknown or malformed.
fn dead_page(site: &Site) -> Response {
    let page = render(&HeldDead { frame: site.frame(), signed: None });
    (StatusCode::GONE, page).into_response()
}

#[cfg(test)]
mod tests;
