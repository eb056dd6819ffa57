//! Letting somebody follow a ticket, and leaving one (T06, T105). GET and HEAD change nothing here.

use crate::app::Visitor;
use crate::edge::web::shell::form::{Posted, fields, last_number, last_part, same_secret, see_other};
use crate::edge::web::shell::frame::{Frame, render};
use crate::edge::web::shell::refusal::{self, Refusal};
use crate::edge::web::shell::session::Session;
use crate::edge::web::shell::site::Site;
use crate::mail::AddrSpec;
use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// The button behind the link in letters to participants (T105).
#[derive(Template)]
#[template(path = "leave.html", config = "src/edge/web/askama.toml")]
pub struct Leave<'a> {
    pub frame: &'a Frame,
    pub signed: Option<&'a Visitor>,
    pub ticket: &'a str,
    pub page: &'a str,
}

#[derive(Template)]
#[template(path = "left.html", config = "src/edge/web/askama.toml")]
pub struct Left<'a> {
    pub frame: &'a Frame,
    pub signed: Option<&'a Visitor>,
    pub ticket: &'a str,
}

/// For every link of that kind that leaves nothing.
#[derive(Template)]
#[template(path = "left_already.html", config = "src/edge/web/askama.toml")]
pub struct LeftAlready<'a> {
    pub frame: &'a Frame,
    pub signed: Option<&'a Visitor>,
}

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
    form: Posted<FollowForm>,
) -> Result<Response, Refusal> {
    let form = fields(form)?;
    session.require_own_form(&form.form_token)?;
    let number = last_number(&uri)?;
    let address = AddrSpec::parse(&form.address).ok_or(refusal::MALFORMED)?;
    let yes = match form.follow.as_str() {
        "yes" => true,
        "no" => false,
        _ => return Err(refusal::MALFORMED),
    };
    let who = session.visitor.clone();
    let done = site.ask(move |desk| desk.let_follow(&who, number, &address, yes)).await?;
    done.ok_or(refusal::NOT_FOUND)?;
    Ok(see_other(&format!("/tickets/{number}")))
}

/// GET /leave/TOKEN
pub async fn form(State(site): State<Site>, uri: Uri) -> Result<Response, Refusal> {
    let token = last_part(&uri).to_owned();
    let page = site.page_seal("leave", &token);
    let ticket = site.ask(move |desk| desk.leaving(&token)).await?;
    Ok(match ticket {
        Some(ticket) => render(&Leave { frame: site.frame(), signed: None, ticket: &ticket, page: &page }),
        None => dead_page(&site),
    })
}

/// POST /leave/TOKEN
pub async fn leave(State(site): State<Site>, uri: Uri, form: Posted<LeaveForm>) -> Result<Response, Refusal> {
    let token = last_part(&uri).to_owned();
    let form = fields(form)?;
    if !same_secret(&site.page_seal("leave", &token), &form.page) {
        return Err(refusal::CROSS_SITE);
    }
    let ticket = site.ask(move |desk| desk.leave(&token)).await?;
    Ok(match ticket {
        Some(ticket) => render(&Left { frame: site.frame(), signed: None, ticket: &ticket }),
        None => dead_page(&site),
    })
}

/// One page for every token that leaves nothing: forged, of a ticket that was left, or of none.
fn dead_page(site: &Site) -> Response {
    let page = render(&LeftAlready { frame: site.frame(), signed: None });
    (StatusCode::GONE, page).into_response()
}
