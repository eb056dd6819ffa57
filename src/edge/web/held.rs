//! What becomes of mails that were held in the name of a staff member: he says it here, by the link of a
//! letter. GET and HEAD change nothing (T105); each mail is answered once.

use super::pages;
use super::refusal::{self, Refusal};
use super::site::{self, Site};
use crate::app::{Answered, HeldPage};
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

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
    let token = site::last(&uri).to_owned();
    let asked = token.clone();
    let found = site.ask(move |desk| desk.held_page(&asked)).await?;
    Ok(found.map_or_else(|| dead(&site), |page| shown(&site, &token, None, Some(&page))))
}

/// POST /held/TOKEN
pub async fn answer(
    State(site): State<Site>,
    uri: Uri,
    form: Result<Form<AnswerForm>, FormRejection>,
) -> Result<Response, Refusal> {
    let token = site::last(&uri).to_owned();
    let AnswerForm { page, mail, act } = site::filled(form)?;
    if !site::same(&seal(&site, &token, mail), &page) {
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
    let mails: Vec<pages::HeldMail<'_>> = page
        .into_iter()
        .flat_map(|p| &p.mails)
        .map(|h| pages::HeldMail {
            id: h.id,
            from: h.from.as_deref().unwrap_or("nobody who can be read"),
            subject: &h.subject,
            reason: &h.reason,
            received_at: h.received_at,
            page: seal(site, token, h.id),
        })
        .collect();
    let address = page.map_or("", |p| p.address.as_str());
    pages::page(&pages::Held { shell: site.shell(), signed: None, said, address, mails: &mails })
}

/// One page for every link that is expired, answered, unknown or malformed.
fn dead(site: &Site) -> Response {
    let page = pages::page(&pages::HeldDead { shell: site.shell(), signed: None });
    (StatusCode::GONE, page).into_response()
}

#[cfg(test)]
mod tests;
