//! The visitor's own tickets: the list, the conversation, an answer (T71, T72). The desk decides what may be
//! seen.

use crate::app::{FileView, MessageView, TicketView, Visitor};
use crate::edge::web::shell::form::{Posted, fields, last_number, see_other};
use crate::edge::web::shell::frame::{Frame, render};
use crate::edge::web::shell::refusal::{self, Refusal};
use crate::edge::web::shell::session::Session;
use crate::edge::web::shell::site::Site;
use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;

/// All tickets of the visitor.
#[derive(Template)]
#[template(path = "tickets.html", config = "src/edge/web/askama.toml")]
struct Tickets<'a> {
    frame: &'a Frame,
    signed: Option<&'a Visitor>,
    tickets: &'a [TicketView],
}

/// One ticket with its form.
#[derive(Template)]
#[template(path = "ticket.html", config = "src/edge/web/askama.toml")]
struct Ticket<'a> {
    frame: &'a Frame,
    signed: Option<&'a Visitor>,
    form_token: &'a str,
    ticket: &'a TicketView,
    /// What is wrong with the answer that was sent.
    problem: Option<&'static str>,
}

impl TicketView {
    /// The status in words for people outside.
    fn status_words(&self) -> &str {
        match self.status.as_str() {
            "new" => "Received",
            "open" => "With us",
            "waiting" => "Waiting for you",
            "closed" => "Closed",
            other => other,
        }
    }
}

impl MessageView {
    /// Who wrote it, as the page says it.
    fn who(&self) -> &str {
        match (self.own, self.author.as_str(), self.kind.as_str()) {
            (true, ..) => "You",
            (false, "", "staff") => "Staff",
            (false, "", _) => "Somebody",
            (false, name, _) => name,
        }
    }
}

impl FileView {
    fn shown_size(&self) -> String {
        crate::mail::shown_size(self.size)
    }
}

/// An answer to the desk.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerForm {
    form_token: String,
    words: String,
}

/// GET /tickets
pub async fn list(State(site): State<Site>, session: Session) -> Result<Response, Refusal> {
    let who = session.visitor.clone();
    let tickets = site.ask(move |desk| desk.visitors().tickets_of(&who)).await?;
    Ok(render(&Tickets { frame: site.frame(), signed: Some(&session.visitor), tickets: &tickets }))
}

/// GET /tickets/N
pub async fn show(State(site): State<Site>, session: Session, uri: Uri) -> Result<Response, Refusal> {
    let (ticket, _place) = ticket(&site, &session, &uri).await?;
    Ok(ticket_page(&site, &session, &ticket, None))
}

/// POST /tickets/N
pub async fn answer(
    State(site): State<Site>,
    session: Session,
    uri: Uri,
    form: Posted<AnswerForm>,
) -> Result<Response, Refusal> {
    let form = fields(form)?;
    session.require_own_form(&form.form_token)?;
    let number = last_number(&uri)?;
    // Browsers send CRLF (HTML, "constructing the entry list"); the desk counts in LF.
    let words = form.words.replace("\r\n", "\n");
    if words.trim().is_empty() {
        let (ticket, _place) = ticket(&site, &session, &uri).await?;
        let problem = "There is no text yet. Please write your answer first.";
        let page = ticket_page(&site, &session, &ticket, Some(problem));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let who = session.visitor.clone();
    let posted = site.ask(move |desk| desk.visitors().post(&who, number, &words)).await?;
    posted.ok_or(refusal::NOT_FOUND)?;
    Ok(see_other(&format!("/tickets/{number}#latest")))
}

/// Foreign and missing ones are the same refusal (T71). The place is held until the page is made, and the
/// thread that reads holds it where the request gives up.
async fn ticket(
    site: &Site,
    session: &Session,
    uri: &Uri,
) -> Result<(TicketView, OwnedSemaphorePermit), Refusal> {
    let (number, before) = (last_number(uri)?, before(uri)?);
    let who = session.visitor.clone();
    let place = site.place_for_a_large_page().await;
    let read = site.ask(move |desk| Ok((desk.visitors().ticket_of(&who, number, before)?, place))).await?;
    Ok((read.0.ok_or(refusal::NOT_FOUND)?, read.1))
}

/// `?before=N`: the messages before that one are shown.
fn before(uri: &Uri) -> Result<Option<i64>, Refusal> {
    let Some(number) = uri.query().and_then(|query| query.strip_prefix("before=")) else { return Ok(None) };
    let number = number.parse::<i64>().ok();
    number.filter(|n| *n > 0).map(Some).ok_or(refusal::NOT_FOUND)
}

fn ticket_page(
    site: &Site,
    session: &Session,
    ticket: &TicketView,
    problem: Option<&'static str>,
) -> Response {
    render(&Ticket {
        frame: site.frame(),
        signed: Some(&session.visitor),
        form_token: &session.visitor.form_token,
        ticket,
        problem,
    })
}
