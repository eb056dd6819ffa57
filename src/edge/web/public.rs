//! What everybody may see: the front page, the style, and how the daemon does (T76).

use super::pages;
use super::refusal::Refusal;
use super::site::{Session, Site};
use crate::app::{Health, Trouble};
use crate::config::Config;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

const STYLE: &str = include_str!("style.css");

pub async fn front(State(site): State<Site>, session: Option<Session>) -> Response {
    pages::page(&pages::Front { shell: site.shell(), signed: session.as_ref().map(|s| &s.visitor) })
}

pub async fn style(State(site): State<Site>) -> Response {
    let accent = site.config().desk.accent.as_deref();
    let accent = accent.map_or_else(String::new, |a| format!("\n:root {{ --accent: {a}; }}\n"));
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, format!("{STYLE}{accent}")).into_response()
}

/// Small and public: fixed words only.
pub async fn status(State(site): State<Site>) -> Result<Response, Refusal> {
    let health = health(&site).await?;
    let lines: Vec<_> = [("Receiving mail", "mailbox"), ("Sending mail", "smtp"), ("Storage", "store")]
        .into_iter()
        .map(|(words, kind)| (words, works(&health, site.config(), kind)))
        .collect();
    let [held, overdue] = site.ask(|desk| desk.forgotten()).await?;
    let waits = [("Mail held until staff look at it", held.1), ("Overdue tickets", overdue.1)];
    Ok(pages::page(&pages::Status { shell: site.shell(), signed: None, lines: &lines, waits: &waits }))
}

/// For programs that watch the daemon: 200 while every part works, else 503.
pub async fn healthz(State(site): State<Site>) -> Result<Response, Refusal> {
    let health = health(&site).await?;
    let good = works(&health, site.config(), "mailbox") && health.iter().all(|part| part.good);
    let parts: Vec<_> =
        health.iter().map(|part| serde_json::json!({"part": part.part, "good": part.good})).collect();
    let word = if good { "ok" } else { "degraded" };
    let text = serde_json::json!({"status": word, "parts": parts}).to_string();
    let status = if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let headers = [(header::CONTENT_TYPE, "application/json")];
    Ok((status, headers, text).into_response())
}

async fn health(site: &Site) -> Result<Vec<Health>, Refusal> {
    site.ask(|desk| Ok::<_, Trouble>(desk.health())).await
}

/// No part of this kind is disturbed, and no mailbox is still unopened.
fn works(health: &[Health], config: &Config, kind: &str) -> bool {
    let of_kind = |part: &&Health| part.part.split(':').next() == Some(kind);
    let good = health.iter().filter(of_kind).all(|part| part.good);
    let opened = |name: &str| health.iter().any(|h| h.part.strip_prefix("mailbox:") == Some(name));
    good && (kind != "mailbox" || config.mailboxes.iter().all(|m| opened(&m.name)))
}
