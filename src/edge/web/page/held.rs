//! What becomes of mails that were held in the name of a staff member: he says it here, by the link of a
//! letter. GET and HEAD change nothing (T105); each mail is answered once.

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
pub struct Held<'a> {
    pub frame: &'a Frame,
    pub signed: Option<&'a Visitor>,
    /// What a button has just done.
    pub said: Option<&'static str>,
    pub address: &'a str,
    pub mails: &'a [HeldMail<'a>],
}

pub struct HeldMail<'a> {
    pub id: i64,
    pub from: &'a str,
    pub subject: &'a str,
    pub reason: &'a str,
    pub received_at: i64,
    /// The hidden value of its form.
    pub page: String,
}

/// A link to held mail that shows nothing any more: one page for all.
#[derive(Template)]
#[template(path = "held_dead.html", config = "src/edge/web/askama.toml")]
pub struct HeldDead<'a> {
    pub frame: &'a Frame,
    pub signed: Option<&'a Visitor>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerForm {
    /// Bound to the link and to the mail.
    page: String,
    mail: i64,
    act: Act,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    Confirm,
    Discard,
}

/// GET /held/TOKEN
pub async fn show(State(site): State<Site>, uri: Uri) -> Result<Response, Refusal> {
    let token = last_part(&uri).to_owned();
    let asked = token.clone();
    let found = site.ask(move |desk| desk.held_page(&asked)).await?;
    Ok(found.map_or_else(|| dead(&site), |page| shown(&site, &token, None, Some(&page))))
}

/// POST /held/TOKEN
pub async fn answer(
    State(site): State<Site>,
    uri: Uri,
    form: Posted<AnswerForm>,
) -> Result<Response, Refusal> {
    let token = last_part(&uri).to_owned();
    let AnswerForm { page, mail, act } = fields(form)?;
    if !same_secret(&seal(&site, &token, mail), &page) {
        return Err(refusal::CROSS_SITE);
    }
    let asked = token.clone();
    let answered = site.ask(move |desk| desk.held_answer(&asked, mail, act == Act::Confirm)).await?;
    Ok(match answered {
        Answered::Dead => dead(&site),
        Answered::Discarded(rest) => shown(&site, &token, Some(DISCARDED), rest.as_ref()),
        Answered::Confirmed(outcome, rest) => shown(&site, &token, Some(confirmed(outcome)), rest.as_ref()),
    })
}

const DISCARDED: &str = "The mail is discarded. Nobody else got it.";

/// What became of a confirmed mail, in words.
fn confirmed(outcome: &str) -> &'static str {
    match outcome {
        "held" => {
            "Something stands in its way: the mail is still held. If something newer crossed it, a letter tells you what; \
             else ask the operator of the desk."
        }
        "refused" => {
            "One of its commands was refused, so that nothing of it was sent. A letter tells you why."
        }
        _ => "The mail acts now as it would have done.",
    }
}

fn seal(site: &Site, token: &str, mail: i64) -> String {
    site.page_seal("held", &format!("{token}/{mail}"))
}

fn shown(site: &Site, token: &str, said: Option<&'static str>, page: Option<&HeldPage>) -> Response {
    let mails: Vec<HeldMail<'_>> = page
        .into_iter()
        .flat_map(|p| &p.mails)
        .map(|h| HeldMail {
            id: h.id,
            from: h.from.as_deref().unwrap_or("nobody who can be read"),
            subject: &h.subject,
            reason: &h.reason,
            received_at: h.received_at,
            page: seal(site, token, h.id),
        })
        .collect();
    let address = page.map_or("", |p| p.address.as_str());
    render(&Held { frame: site.frame(), signed: None, said, address, mails: &mails })
}

/// One page for every link that is expired, answered, unknown or malformed.
fn dead(site: &Site) -> Response {
    let page = render(&HeldDead { frame: site.frame(), signed: None });
    (StatusCode::GONE, page).into_response()
}

#[cfg(test)]
mod tests;
