//! What everybody may see: the front page, the style, and how the daemon does (T76).

use crate::app::{Health, Trouble, Visitor};
use crate::config::Config;
use crate::edge::web::shell::frame::{Frame, render};
use crate::edge::web::shell::refusal::Refusal;
use crate::edge::web::shell::session::Session;
use crate::edge::web::shell::site::Site;
use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

const STYLE: &str = include_str!("../shell/style.css");

/// The first page.
#[derive(Template)]
#[template(path = "front.html", config = "src/edge/web/askama.toml")]
struct Front<'a> {
    frame: &'a Frame,
    signed: Option<&'a Visitor>,
}

/// How the daemon does.
#[derive(Template)]
#[template(path = "status.html", config = "src/edge/web/askama.toml")]
struct Status<'a> {
    frame: &'a Frame,
    signed: Option<&'a Visitor>,
    /// Fixed words and whether it works (T76).
    lines: &'a [(&'static str, bool)],
    /// What waits, and whether that is none, a few or many.
    waits: &'a [(&'static str, &'static str)],
}

/// GET /
pub async fn front(State(site): State<Site>, session: Option<Session>) -> Response {
    render(&Front { frame: site.frame(), signed: session.as_ref().map(|s| &s.visitor) })
}

/// GET /style.css
pub async fn style(State(site): State<Site>) -> Response {
    let accent = site.config().desk.accent.as_deref();
    let accent = accent.map_or_else(String::new, |a| format!("\n:root {{ --accent: {a}; }}\n"));
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, format!("{STYLE}{accent}")).into_response()
}

/// GET /status. Small and public: fixed words only.
pub async fn status(State(site): State<Site>) -> Result<Response, Refusal> {
    let health = health(&site).await?;
    let lines: Vec<_> = [("Receiving mail", "mailbox"), ("Sending mail", "smtp"), ("Storage", "store")]
        .into_iter()
        .map(|(words, kind)| (words, works(&health, site.config(), kind)))
        .collect();
    let [held, overdue] = site.ask(|desk| desk.condition().forgotten()).await?;
    let waits = [("Mail held until staff look at it", held.1), ("Overdue tickets", overdue.1)];
    Ok(render(&Status { frame: site.frame(), signed: None, lines: &lines, waits: &waits }))
}

/// GET /healthz, for programs that watch the daemon: 200 while every part works, else 503.
pub async fn healthz(State(site): State<Site>) -> Result<Response, Refusal> {
    let health = health(&site).await?;
    let good = works(&health, site.config(), "mailbox") && health.iter().all(|part| part.good);
    let parts: Vec<_> =
        health.iter().map(|part| serde_json::json!({"part": part.part, "good": part.good})).collect();
    let failed = site.ask(|desk| desk.condition().failed_letters()).await?;
    let word = if good { "ok" } else { "degraded" };
    let text = serde_json::json!({"status": word, "parts": parts, "failed_letters": failed}).to_string();
    let status = if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let headers = [(header::CONTENT_TYPE, "application/json")];
    Ok((status, headers, text).into_response())
}

async fn health(site: &Site) -> Result<Vec<Health>, Refusal> {
    site.ask(|desk| Ok::<_, Trouble>(desk.condition().parts())).await
}

/// Whether every part of this kind works; a mailbox that was never opened does not.
fn works(health: &[Health], config: &Config, kind: &str) -> bool {
    let of_kind = |part: &&Health| part.part.split(':').next() == Some(kind);
    let good = health.iter().filter(of_kind).all(|part| part.good);
    let opened = |name: &str| health.iter().any(|h| h.part.strip_prefix("mailbox:") == Some(name));
    good && (kind != "mailbox" || config.mailboxes.iter().all(|m| opened(&m.name)))
}
