//! What every handler needs: the house, asked on a blocking thread, and who is signed in.

use super::caller::Caller;
use super::cookie::CookieStyle;
use super::pages::Shell;
use super::refusal::{self, Refusal};
use crate::app::{Desk, Trouble, Visitor};
use crate::config::Config;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequestParts, OptionalFromRequestParts};
use axum::http::{HeaderValue, StatusCode, Uri, header, request::Parts};
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Questions that the house answers at a time; the rest wait, and give up with their request.
const QUESTIONS_MAX: usize = 32;

/// Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

struct Inner {
    config: Arc<Config>,
    desk: Desk,
    cookie: CookieStyle,
    shell: Shell,
    room: Arc<Semaphore>,
}

impl Site {
    pub fn new(config: Arc<Config>, desk: Desk) -> Self {
        let cookie = CookieStyle {
            secure: config.desk.url.scheme() == "https",
            max_age_secs: u64::from(config.retention.sessions) * 86_400,
        };
        let shell = Shell::new(&config);
        let room = Arc::new(Semaphore::new(QUESTIONS_MAX));
        Self(Arc::new(Inner { config, desk, cookie, shell, room }))
    }

    pub fn config(&self) -> &Config {
        &self.0.config
    }

    pub fn cookie(&self) -> &CookieStyle {
        &self.0.cookie
    }

    pub fn shell(&self) -> &Shell {
        &self.0.shell
    }

    /// Asks the house on a blocking thread.
    pub async fn ask<T, F>(&self, question: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&Desk) -> Result<T, Trouble> + Send + 'static,
    {
        let place = self.place().await;
        let desk = self.0.desk.clone();
        let answer = tokio::task::spawn_blocking(move || {
            // Held by the thread, not by the request, which may give up earlier.
            let _place = place;
            question(&desk)
        });
        match answer.await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(refusal::BROKEN),
        }
    }

    /// Hands the house some work and does not wait for it (T66).
    pub async fn tell(&self, work: impl FnOnce(&Desk) + Send + 'static) {
        let place = self.place().await;
        let desk = self.0.desk.clone();
        tokio::task::spawn_blocking(move || {
            let _place = place;
            work(&desk);
        });
    }

    async fn place(&self) -> tokio::sync::OwnedSemaphorePermit {
        let room = self.0.room.clone();
        room.acquire_owned().await.expect("it is never closed")
    }

    /// A hidden value of a page (T63, T69).
    pub fn page_seal(&self, purpose: &str, value: &str) -> String {
        self.0.desk.page_seal(purpose, value)
    }
}

/// A session that lives. As an argument it is needed; as an `Option` it is looked for.
pub struct Session {
    pub cookie: String,
    pub visitor: Visitor,
}

impl Session {
    /// The form came from a page of this very session (T69).
    pub fn made(&self, form_token: &str) -> Result<(), Refusal> {
        let fine = same(&self.visitor.form_token, form_token);
        fine.then_some(()).ok_or(refusal::CROSS_SITE)
    }

    async fn find(parts: &Parts, site: &Site) -> Result<Option<Self>, Refusal> {
        let Some(cookie) = site.cookie().read(&parts.headers) else {
            return Ok(None);
        };
        let value = cookie.clone();
        let visitor = site.ask(move |desk| desk.visitor(&value)).await?;
        Ok(visitor.map(|visitor| Self { cookie, visitor }))
    }
}

impl FromRequestParts<Site> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        match Self::find(parts, site).await {
            Ok(Some(session)) => Ok(session),
            Ok(None) => Err(see("/login")),
            Err(refusal) => Err(refusal.into_response()),
        }
    }
}

impl OptionalFromRequestParts<Site> for Session {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Option<Self>, Refusal> {
        Self::find(parts, site).await
    }
}

impl FromRequestParts<Site> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<Self, Infallible> {
        let caller = parts.extensions.get::<Caller>();
        Ok(caller.cloned().expect("the gate puts it there"))
    }
}

/// RFC 9110 §15.4.4: after a form, the browser gets a clean page of ours.
pub fn see(path: &str) -> Response {
    let path = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

/// A form with just the fields that it may have (T79), sent as forms are sent.
pub fn filled<T>(form: Result<Form<T>, FormRejection>) -> Result<T, Refusal> {
    match form {
        Ok(Form(fields)) => Ok(fields),
        // What a foreign page can send without asking: text/plain and its like (T69).
        Err(FormRejection::InvalidFormContentType(_)) => Err(refusal::CROSS_SITE),
        Err(_) => Err(refusal::MALFORMED),
    }
}

/// The last part of a path as it was sent: tokens and numbers need no percent-encoding.
pub fn last(uri: &Uri) -> &str {
    uri.path().rsplit('/').next().unwrap_or("")
}

/// The last part of a path as a number that has just one way to be written.
pub fn last_number(uri: &Uri) -> Result<i64, Refusal> {
    let text = last(uri);
    let number = text.parse::<i64>().ok();
    number.filter(|n| *n > 0 && n.to_string() == text).ok_or(refusal::NOT_FOUND)
}

/// Compares secrets in a time that tells nothing.
pub fn same(a: &str, b: &str) -> bool {
    use subtle::ConstantTimeEq;
    !a.is_empty() && bool::from(a.as_bytes().ct_eq(b.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_spelling() {
        let number = |path: &'static str| last_number(&Uri::from_static(path)).ok();
        assert_eq!(number("/tickets/1042"), Some(1042));
        for wrong in [
            "/tickets/",
            "/tickets/+1",
            "/tickets/01",
            "/tickets/-1",
            "/tickets/0",
            "/tickets/1%20",
            "/tickets/99999999999999999999",
        ] {
            assert_eq!(number(wrong), None);
        }
    }

    #[test]
    fn nothing_equals_an_empty_secret() {
        assert!(same("a", "a") && !same("a", "b") && !same("", ""));
    }
}
