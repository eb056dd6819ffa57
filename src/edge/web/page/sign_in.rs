//! Signing in by a mailed link, and out again (T59 to T66). GET and HEAD change nothing here.

use crate::app::Visitor;
use crate::edge::web::shell::caller::Caller;
use crate::edge::web::shell::form::{Posted, fields, last_part, same_secret, see_other};
use crate::edge::web::shell::frame::{Frame, render};
use crate::edge::web::shell::refusal::{self, Refusal};
use crate::edge::web::shell::session::Session;
use crate::edge::web::shell::site::Site;
use crate::mail::AddrSpec;
use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::time::{SystemTime, UNIX_EPOCH};

/// Asks for an address.
#[derive(Template)]
#[template(path = "login.html", config = "src/edge/web/askama.toml")]
struct Login<'a> {
    frame: &'a Frame,
    signed: Option<&'a Visitor>,
    /// The hidden value of the form.
    page_seal: &'a str,
    /// What is wrong with the typed address.
    problem: Option<&'static str>,
    /// Shown again, to be corrected.
    typed: &'a str,
}

/// The same for every address (T66).
#[derive(Template)]
#[template(path = "asked.html", config = "src/edge/web/askama.toml")]
struct Asked<'a> {
    frame: &'a Frame,
    signed: Option<&'a Visitor>,
    link_minutes: u32,
}

/// A live link; its button signs in.
#[derive(Template)]
#[template(path = "link.html", config = "src/edge/web/askama.toml")]
struct LiveLink<'a> {
    frame: &'a Frame,
    signed: Option<&'a Visitor>,
    address: &'a str,
    /// The hidden value of the form.
    page_seal: &'a str,
}

/// A live link of another person than the one who is signed in (T63).
#[derive(Template)]
#[template(path = "link_other.html", config = "src/edge/web/askama.toml")]
struct OtherLink<'a> {
    frame: &'a Frame,
    signed: Option<&'a Visitor>,
    visitor: &'a Visitor,
    address: &'a str,
}

/// A used, expired, unknown or malformed link: one page for all (T61).
#[derive(Template)]
#[template(path = "link_dead.html", config = "src/edge/web/askama.toml")]
struct DeadLink<'a> {
    frame: &'a Frame,
    signed: Option<&'a Visitor>,
    /// The hidden value of the form.
    page_seal: &'a str,
}

/// No link has a longer token; it is not looked up.
const TOKEN_CHARS_MAX: usize = 200;

/// An address that wants a link.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskForm {
    /// Bound to the day.
    #[serde(rename = "page")]
    page_seal: String,
    address: String,
}

/// Either `page` (sign in) or `form_token` (end the session that stands in the way).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkForm {
    #[serde(rename = "page")]
    page_seal: Option<String>,
    form_token: Option<String>,
}

/// The button that ends the session.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOutForm {
    form_token: String,
}

/// What a link finds.
enum Found {
    Dead,
    /// For this address.
    Live(AddrSpec),
    /// For this address, while somebody else is signed in.
    Other(AddrSpec, Session),
}

/// GET /login
pub async fn form(State(site): State<Site>, session: Option<Session>) -> Response {
    match session {
        Some(_) => see_other("/tickets"),
        None => login_page(&site, None, ""),
    }
}

/// POST /login. The same answer, as fast, for every address (T66).
pub async fn ask(
    State(site): State<Site>,
    caller: Caller,
    form: Posted<AskForm>,
) -> Result<Response, Refusal> {
    let form = fields(form)?;
    if !ask_seals(&site).iter().any(|seal| same_secret(seal, &form.page_seal)) {
        return Err(refusal::CROSS_SITE);
    }
    let typed = form.address.trim().to_owned();
    if AddrSpec::parse(&typed).is_none() {
        // This tells nothing about who is known here: what is no address belongs to nobody.
        let problem = "This does not look like a mail address. Please check it, as in name@example.org.";
        let page = login_page(&site, Some(problem), &typed);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let client = caller.client();
    site.hand_over(move |desk| desk.visitors().ask_link(&typed, &client)).await;
    Ok(render(&Asked { frame: site.frame(), signed: None, link_minutes: site.config().web.link_minutes }))
}

/// GET /login/TOKEN
pub async fn link(State(site): State<Site>, uri: Uri, session: Option<Session>) -> Result<Response, Refusal> {
    let token = last_part(&uri);
    Ok(match find(&site, token, session).await? {
        Found::Dead => dead_page(&site),
        Found::Live(address) => render(&LiveLink {
            frame: site.frame(),
            signed: None,
            address: address.as_str(),
            page_seal: &site.page_seal("sign-in", token),
        }),
        Found::Other(address, session) => other_page(&site, &address, &session),
    })
}

/// POST /login/TOKEN
pub async fn press(
    State(site): State<Site>,
    caller: Caller,
    uri: Uri,
    session: Option<Session>,
    form: Posted<LinkForm>,
) -> Result<Response, Refusal> {
    let token = last_part(&uri).to_owned();
    let page_seal = match fields(form)? {
        LinkForm { page_seal: Some(page_seal), form_token: None } => page_seal,
        LinkForm { page_seal: None, form_token: Some(form_token) } => {
            return end_other(&site, &uri, session, &form_token).await;
        }
        _ => return Err(refusal::MALFORMED),
    };
    if !same_secret(&site.page_seal("sign-in", &token), &page_seal) {
        return Err(refusal::CROSS_SITE);
    }
    match find(&site, &token, session).await? {
        Found::Dead => return Ok(dead_page(&site)),
        Found::Live(_) => {}
        Found::Other(address, session) => {
            let page = other_page(&site, &address, &session);
            return Ok((StatusCode::CONFLICT, page).into_response());
        }
    }
    let client = caller.client();
    let signed_in = site.ask(move |desk| desk.visitors().sign_in(&token, &client)).await?;
    let Some((value, path)) = signed_in else {
        return Ok(dead_page(&site));
    };
    let mut response = see_other(&path);
    let cookie = site.cookie().set(&value);
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// POST /logout
pub async fn sign_out(
    State(site): State<Site>,
    session: Option<Session>,
    form: Posted<SignOutForm>,
) -> Result<Response, Refusal> {
    let form = fields(form)?;
    match session {
        Some(session) => end(&site, session, &form.form_token, "/").await,
        None => Ok(see_other("/")),
    }
}

/// Ends the session that stands in the way of a link, and leads back to it.
async fn end_other(
    site: &Site,
    uri: &Uri,
    session: Option<Session>,
    form_token: &str,
) -> Result<Response, Refusal> {
    match session {
        Some(session) => end(site, session, form_token, uri.path()).await,
        None => Ok(see_other(uri.path())),
    }
}

async fn end(site: &Site, session: Session, form_token: &str, path: &str) -> Result<Response, Refusal> {
    session.require_own_form(form_token)?;
    site.ask(move |desk| desk.visitors().sign_out(&session.cookie)).await?;
    let mut response = see_other(path);
    let cookie = site.cookie().clear();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

async fn find(site: &Site, token: &str, session: Option<Session>) -> Result<Found, Refusal> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if token.is_empty() || token.len() > TOKEN_CHARS_MAX || !token.bytes().all(plain) {
        return Ok(Found::Dead);
    }
    let wanted = token.to_owned();
    let holder = site.ask(move |desk| desk.visitors().link_holder(&wanted)).await?;
    Ok(match (holder, session) {
        (None, _) => Found::Dead,
        (Some(address), Some(session)) if session.visitor.address != address => {
            Found::Other(address, session)
        }
        (Some(address), _) => Found::Live(address),
    })
}

fn login_page(site: &Site, problem: Option<&'static str>, typed: &str) -> Response {
    render(&Login { frame: site.frame(), signed: None, page_seal: &ask_seals(site)[0], problem, typed })
}

fn other_page(site: &Site, address: &AddrSpec, session: &Session) -> Response {
    render(&OtherLink {
        frame: site.frame(),
        signed: None,
        visitor: &session.visitor,
        address: address.as_str(),
    })
}

/// T61: one page for every dead token, without an address.
fn dead_page(site: &Site) -> Response {
    let page = render(&DeadLink { frame: site.frame(), signed: None, page_seal: &ask_seals(site)[0] });
    (StatusCode::GONE, page).into_response()
}

/// The hidden values that /login takes: those of today and of yesterday. They are bound to the day, since
/// there is no session before the sign-in.
fn ask_seals(site: &Site) -> [String; 2] {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let day = now.map_or(0, |t| t.as_secs() / 86_400);
    [day, day.saturating_sub(1)].map(|day| site.page_seal("ask-link", &day.to_string()))
}
