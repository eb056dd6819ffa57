//! What every page shows around its content, and a page as a response. askama escapes everything; nothing is
//! marked as safe (T55).

use super::refusal::Refusal;
use crate::app::Visitor;
use crate::config::Config;
use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use std::sync::Arc;

/// What the frame of every page shows. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Frame(Arc<Shown>);

#[derive(Debug)]
struct Shown {
    desk: String,
    address: String,
    tagline: Option<String>,
    website: Option<String>,
    zone: String,
}

impl Frame {
    /// The frame of this desk's pages.
    pub fn new(config: &Config) -> Self {
        let desk = &config.desk;
        Self(Arc::new(Shown {
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
        Self(Arc::new(Shown {
            desk: desk.to_owned(),
            address: address.to_owned(),
            tagline: None,
            website: None,
            zone: "UTC".to_owned(),
        }))
    }

    /// The name of the desk.
    pub fn desk(&self) -> &str {
        &self.0.desk
    }

    /// The address that customers write to.
    pub fn address(&self) -> &str {
        &self.0.address
    }

    /// `[desk] tagline`.
    pub fn tagline(&self) -> Option<&str> {
        self.0.tagline.as_deref()
    }

    /// `[desk] website`.
    pub fn website(&self) -> Option<&str> {
        self.0.website.as_deref()
    }

    /// Seconds since 1970 as people write them, in the desk's time zone; empty where they are out of range.
    pub fn day_and_time(&self, seconds: &i64) -> String {
        let Ok(moment) = jiff::Timestamp::from_second(*seconds) else {
            return String::new();
        };
        let zone = jiff::tz::TimeZone::get(&self.0.zone).unwrap_or(jiff::tz::TimeZone::UTC);
        moment.to_zoned(zone).strftime("%-d %B %Y, %H:%M %Z").to_string()
    }

    /// The same for `<time datetime>`.
    pub fn instant(&self, seconds: &i64) -> String {
        jiff::Timestamp::from_second(*seconds).map_or_else(|_| String::new(), |t| t.to_string())
    }
}

#[derive(Template)]
#[template(path = "refused.html", config = "src/edge/web/askama.toml")]
struct Refused<'a> {
    frame: &'a Frame,
    signed: Option<&'a Visitor>,
    refusal: &'a Refusal,
}

/// A page as a response.
pub fn render(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(why) => {
            tracing::error!(%why, "a page cannot be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The page of a refusal.
pub fn refused(frame: &Frame, refusal: &Refusal) -> Response {
    let mut response = render(&Refused { frame, signed: None, refusal });
    *response.status_mut() = StatusCode::from_u16(refusal.status).expect("a constant");
    let (name, value) = match refusal.status {
        405 => (header::ALLOW, "GET, HEAD, POST"),
        429 | 503 => (header::RETRY_AFTER, "30"),
        _ => return response,
    };
    let value = header::HeaderValue::from_static(value);
    response.headers_mut().insert(name, value);
    response
}
