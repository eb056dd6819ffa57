//! Taking part in a ticket: letting somebody else do so, and leaving it (T06, T105). GET and HEAD change
//! nothing here.

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
struct Leave<'a> {
    frame: &'a Frame,
    signed: Option<&'a Visitor>,
    /// Its token.
    ticket: &'a str,
    /// The hidden value of the form.
    page_seal: &'a str,
}

/// After the button was pressed.
#[derive(Template)]
#[template(path = "left.html", config = "src/edge/web/askama.toml")]
struct Left<'a> {
    frame: &'a Frame,
    signed: Option<&'a Visitor>,
    ticket: &'a str,
}

/// For every link of that kind that leaves nothing.
#[derive(Template)]
#[template(path = "left_already.html", config = "src/edge/web/askama.toml")]
struct LeftAlready<'a> {
    frame: &'a Frame,
    signed: Option<&'a Visitor>,
}

/// Whether somebody to whom the reader also wrote may take part.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowForm {
    form_token: String,
    address: String,
    follow: Choice,
}

/// The two buttons beside an address.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// They take part from now on.
    Yes,
    /// Nobody is asked about them again.
    No,
}

/// The button that leaves a ticket.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaveForm {
    /// Bound to the link (T69).
    #[serde(rename = "page")]
    page_seal: String,
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
    let yes = form.follow == Choice::Yes;
    let who = session.visitor.clone();
    let done = site.ask(move |desk| desk.visitors().let_follow(&who, number, &address, yes)).await?;
    done.ok_or(refusal::NOT_FOUND)?;
    Ok(see_other(&format!("/tickets/{number}")))
}

/// GET /leave/TOKEN
pub async fn form(State(site): State<Site>, uri: Uri) -> Result<Response, Refusal> {
    let token = last_part(&uri).to_owned();
    let page_seal = site.page_seal("leave", &token);
    let ticket = site.ask(move |desk| desk.visitors().leaving(&token)).await?;
    Ok(match ticket {
        Some(ticket) => {
            render(&Leave { frame: site.frame(), signed: None, ticket: &ticket, page_seal: &page_seal })
        }
        None => dead_page(&site),
    })
}

/// POST /leave/TOKEN
pub async fn leave(State(site): State<Site>, uri: Uri, form: Posted<LeaveForm>) -> Result<Response, Refusal> {
    let token = last_part(&uri).to_owned();
    let form = fields(form)?;
    if !same_secret(&site.page_seal("leave", &token), &form.page_seal) {
        return Err(refusal::CROSS_SITE);
    }
    let ticket = site.ask(move |desk| desk.visitors().leave(&token)).await?;
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
