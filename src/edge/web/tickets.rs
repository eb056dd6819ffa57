//! One's own tickets: the list, the conversation, an answer (T71, T72). What may be seen is the house's
//! decision.

use super::pages;
use super::refusal::{self, Refusal};
use super::site::{self, Session, Site, see};
use crate::app::TicketView;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerForm {
    form_token: String,
    words: String,
}

/// GET /tickets
pub async fn list(State(site): State<Site>, session: Session) -> Result<Response, Refusal> {
    let who = session.visitor.clone();
    let tickets = site.ask(move |desk| desk.tickets_of(&who)).await?;
    Ok(pages::page(&pages::Tickets {
        shell: site.shell(),
        signed: Some(&session.visitor),
        tickets: &tickets,
    }))
}

/// GET /tickets/N
pub async fn show(State(site): State<Site>, session: Session, uri: Uri) -> Result<Response, Refusal> {
    let ticket = ticket(&site, &session, &uri).await?;
    Ok(ticket_page(&site, &session, &ticket, None))
}

/// POST /tickets/N
pub async fn answer(
    State(site): State<Site>,
    session: Session,
    uri: Uri,
    form: Result<Form<AnswerForm>, FormRejection>,
) -> Result<Response, Refusal> {
    let form = site::filled(form)?;
    session.made(&form.form_token)?;
    let number = site::last_number(&uri)?;
    // Browsers send CRLF (HTML, "constructing the entry list"); the house counts in LF.
    let words = form.words.replace("\r\n", "\n");
    if words.trim().is_empty() {
        let ticket = ticket(&site, &session, &uri).await?;
        let problem = "There is no text yet. Please write your answer first.";
        let page = ticket_page(&site, &session, &ticket, Some(problem));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let who = session.visitor.clone();
    let posted = site.ask(move |desk| desk.post(&who, number, &words)).await?;
    posted.ok_or(refusal::NOT_FOUND)?;
    Ok(see(&format!("/tickets/{number}#latest")))
}

/// Foreign and missing ones are the same refusal (T71).
async fn ticket(site: &Site, session: &Session, uri: &Uri) -> Result<TicketView, Refusal> {
    let number = site::last_number(uri)?;
    let who = session.visitor.clone();
    let ticket = site.ask(move |desk| desk.ticket_of(&who, number)).await?;
    ticket.ok_or(refusal::NOT_FOUND)
}

fn ticket_page(
    site: &Site,
    session: &Session,
    ticket: &TicketView,
    problem: Option<&'static str>,
) -> Response {
    pages::page(&pages::Ticket {
        shell: site.shell(),
        signed: Some(&session.visitor),
        form_token: &session.visitor.form_token,
        ticket,
        problem,
    })
}
