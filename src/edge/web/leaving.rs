//! Letting somebody follow a ticket, and leaving one (T06, T105). GET and HEAD change nothing here.

use super::pages;
use super::refusal::{self, Refusal};
use super::site::{self, Session, Site, see};
use crate::mail::AddrSpec;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowForm {
    form_token: String,
    address: String,
    /// `yes` or `no`.
    follow: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaveForm {
    page: String,
}

/// POST /follow/N
pub async fn follow(
    State(site): State<Site>,
    session: Session,
    uri: Uri,
    form: Result<Form<FollowForm>, FormRejection>,
) -> Result<Response, Refusal> {
    let form = site::filled(form)?;
    session.made(&form.form_token)?;
    let number = site::last_number(&uri)?;
    let address = AddrSpec::parse(&form.address).ok_or(refusal::MALFORMED)?;
    let yes = match form.follow.as_str() {
        "yes" => true,
        "no" => false,
        _ => return Err(refusal::MALFORMED),
    };
    let who = session.visitor.clone();
    let done = site.ask(move |desk| desk.let_follow(&who, number, &address, yes)).await?;
    done.ok_or(refusal::NOT_FOUND)?;
    Ok(see(&format!("/tickets/{number}")))
}

/// GET /leave/TOKEN
pub async fn form(State(site): State<Site>, uri: Uri) -> Result<Response, Refusal> {
    let token = site::last(&uri).to_owned();
    let page = site.page_seal("leave", &token);
    let ticket = site.ask(move |desk| desk.leaving(&token)).await?;
    Ok(match ticket {
        Some(ticket) => {
            pages::page(&pages::Leave { shell: site.shell(), signed: None, ticket: &ticket, page: &page })
        }
        None => dead_page(&site),
    })
}

/// POST /leave/TOKEN
pub async fn leave(
    State(site): State<Site>,
    uri: Uri,
    form: Result<Form<LeaveForm>, FormRejection>,
) -> Result<Response, Refusal> {
    let token = site::last(&uri).to_owned();
    let form = site::filled(form)?;
    if !site::same(&site.page_seal("leave", &token), &form.page) {
        return Err(refusal::CROSS_SITE);
    }
    let ticket = site.ask(move |desk| desk.leave(&token)).await?;
    Ok(match ticket {
        Some(ticket) => pages::page(&pages::Left { shell: site.shell(), signed: None, ticket: &ticket }),
        None => dead_page(&site),
    })
}

/// One page for every token that leaves nothing: forged, of a ticket that was left, or of none.
fn dead_page(site: &Site) -> Response {
    let page = pages::page(&pages::LeftAlready { shell: site.shell(), signed: None });
    (StatusCode::GONE, page).into_response()
}
