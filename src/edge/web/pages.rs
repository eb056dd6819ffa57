//! The pages: what each template shows. askama escapes everything; nothing here is marked as safe (T55).

use super::refusal::Refusal;
use crate::app::{FileView, MessageView, TicketView, Visitor};
use crate::config::Config;
use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use std::sync::Arc;

/// What every page shows around its content.
#[derive(Debug, Clone)]
pub struct Shell(Arc<Frame>);

#[derive(Debug)]
struct Frame {
    desk: String,
    address: String,
    tagline: Option<String>,
    website: Option<String>,
    zone: String,
}

impl Shell {
    pub fn new(config: &Config) -> Self {
        let desk = &config.desk;
        Self(Arc::new(Frame {
            desk: desk.name.clone(),
            address: desk.address.to_string(),
            tagline: desk.tagline.clone(),
            website: desk.website.clone(),
            zone: desk.zone.clone(),
        }))
    }

    /// For tests.
    #[cfg(test)]
    pub fn of(desk: &str, address: &str) -> Self {
        Self(Arc::new(Frame {
            desk: desk.to_owned(),
            address: address.to_owned(),
            tagline: None,
            website: None,
            zone: "UTC".to_owned(),
        }))
    }

    fn desk(&self) -> &str {
        &self.0.desk
    }

    fn address(&self) -> &str {
        &self.0.address
    }

    fn tagline(&self) -> Option<&str> {
        self.0.tagline.as_deref()
    }

    fn website(&self) -> Option<&str> {
        self.0.website.as_deref()
    }

    /// A moment in the desk's time zone, as people write it.
    fn day_and_time(&self, seconds: &i64) -> String {
        let Ok(moment) = jiff::Timestamp::from_second(*seconds) else {
            return String::new();
        };
        let zone = jiff::tz::TimeZone::get(&self.0.zone).unwrap_or(jiff::tz::TimeZone::UTC);
        moment.to_zoned(zone).strftime("%-d %B %Y, %H:%M %Z").to_string()
    }

    /// The same moment for `<time datetime>`.
    fn instant(&self, seconds: &i64) -> String {
        jiff::Timestamp::from_second(*seconds).map_or_else(|_| String::new(), |t| t.to_string())
    }
}

#[derive(Template)]
#[template(path = "front.html", config = "src/edge/web/askama.toml")]
pub struct Front<'a> {
    pub shell: &'a Shell,
    pub signed: Option<&'a Visitor>,
}

/// Asks for an address.
#[derive(Template)]
#[template(path = "login.html", config = "src/edge/web/askama.toml")]
pub struct Login<'a> {
    pub shell: &'a Shell,
    pub signed: Option<&'a Visitor>,
    pub page: &'a str,
    /// What is wrong with the typed address.
    pub problem: Option<&'static str>,
    /// Shown again, to be corrected.
    pub typed: &'a str,
}

/// The same for every address (T66).
#[derive(Template)]
#[template(path = "asked.html", config = "src/edge/web/askama.toml")]
pub struct Asked<'a> {
    pub shell: &'a Shell,
    pub signed: Option<&'a Visitor>,
    pub link_minutes: u32,
}

/// A live link; its button signs in.
#[derive(Template)]
#[template(path = "link.html", config = "src/edge/web/askama.toml")]
pub struct LiveLink<'a> {
    pub shell: &'a Shell,
    pub signed: Option<&'a Visitor>,
    pub address: &'a str,
    pub page: &'a str,
}

/// A live link of another person than the one who is signed in (T63).
#[derive(Template)]
#[template(path = "link_other.html", config = "src/edge/web/askama.toml")]
pub struct OtherLink<'a> {
    pub shell: &'a Shell,
    pub signed: Option<&'a Visitor>,
    pub visitor: &'a Visitor,
    pub address: &'a str,
}

/// A used, expired, unknown or malformed link: one page for all (T61).
#[derive(Template)]
#[template(path = "link_dead.html", config = "src/edge/web/askama.toml")]
pub struct DeadLink<'a> {
    pub shell: &'a Shell,
    pub signed: Option<&'a Visitor>,
    pub page: &'a str,
}

/// Mails that were held in the name of a staff member, each with its two buttons.
#[derive(Template)]
#[template(path = "held.html", config = "src/edge/web/askama.toml")]
pub struct Held<'a> {
    pub shell: &'a Shell,
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
    pub shell: &'a Shell,
    pub signed: Option<&'a Visitor>,
}

#[derive(Template)]
#[template(path = "tickets.html", config = "src/edge/web/askama.toml")]
pub struct Tickets<'a> {
    pub shell: &'a Shell,
    pub signed: Option<&'a Visitor>,
    pub tickets: &'a [TicketView],
}

#[derive(Template)]
#[template(path = "ticket.html", config = "src/edge/web/askama.toml")]
pub struct Ticket<'a> {
    pub shell: &'a Shell,
    pub signed: Option<&'a Visitor>,
    pub form_token: &'a str,
    pub ticket: &'a TicketView,
    pub problem: Option<&'static str>,
}

/// The button behind the link in letters to participants (T105).
#[derive(Template)]
#[template(path = "leave.html", config = "src/edge/web/askama.toml")]
pub struct Leave<'a> {
    pub shell: &'a Shell,
    pub signed: Option<&'a Visitor>,
    pub ticket: &'a str,
    pub page: &'a str,
}

#[derive(Template)]
#[template(path = "left.html", config = "src/edge/web/askama.toml")]
pub struct Left<'a> {
    pub shell: &'a Shell,
    pub signed: Option<&'a Visitor>,
    pub ticket: &'a str,
}

/// For every link of that kind that leaves nothing.
#[derive(Template)]
#[template(path = "left_already.html", config = "src/edge/web/askama.toml")]
pub struct LeftAlready<'a> {
    pub shell: &'a Shell,
    pub signed: Option<&'a Visitor>,
}

/// Leaving the daily digest: the question, or that it is done.
#[derive(Template)]
#[template(path = "unsubscribe.html", config = "src/edge/web/askama.toml")]
pub struct Unsubscribe<'a> {
    pub shell: &'a Shell,
    pub signed: Option<&'a Visitor>,
    pub done: bool,
}

#[derive(Template)]
#[template(path = "status.html", config = "src/edge/web/askama.toml")]
pub struct Status<'a> {
    pub shell: &'a Shell,
    pub signed: Option<&'a Visitor>,
    /// Fixed words and whether it works (T76).
    pub lines: &'a [(&'static str, bool)],
    /// What waits, and whether that is none, a few or many.
    pub waits: &'a [(&'static str, &'static str)],
}

#[derive(Template)]
#[template(path = "refused.html", config = "src/edge/web/askama.toml")]
struct Refused<'a> {
    shell: &'a Shell,
    signed: Option<&'a Visitor>,
    refusal: &'a Refusal,
}

/// A page as a response.
pub fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(why) => {
            tracing::error!(%why, "a page cannot be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The page of a refusal.
pub fn refused(shell: &Shell, refusal: &Refusal) -> Response {
    let mut response = page(&Refused { shell, signed: None, refusal });
    *response.status_mut() = StatusCode::from_u16(refusal.status).expect("a constant");
    let (name, value) = match refusal.status {
        405 => (header::ALLOW, "GET, HEAD, POST"),
        503 => (header::RETRY_AFTER, "30"),
        _ => return response,
    };
    let value = header::HeaderValue::from_static(value);
    response.headers_mut().insert(name, value);
    response
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
