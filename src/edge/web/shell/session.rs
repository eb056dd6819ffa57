//! Who is signed in: the session of the cookie, as handlers ask for it.

use super::form::{same_secret, see_other};
use super::refusal::{self, Refusal};
use super::site::Site;
use crate::app::Visitor;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

/// A live session. A handler that takes a `Session` works for people who are signed in, and others are led to
/// the sign-in; a handler that takes an `Option<Session>` works for everybody.
pub struct Session {
    /// The value of the cookie.
    pub cookie: String,
    /// Who is signed in.
    pub visitor: Visitor,
}

impl Session {
    /// Refuses a form that did not come from a page of this very session (T69).
    pub fn require_own_form(&self, form_token: &str) -> Result<(), Refusal> {
        let own = same_secret(&self.visitor.form_token, form_token);
        own.then_some(()).ok_or(refusal::CROSS_SITE)
    }

    async fn find(parts: &Parts, site: &Site) -> Result<Option<Self>, Refusal> {
        let Some(cookie) = site.cookie().read(&parts.headers) else {
            return Ok(None);
        };
        let value = cookie.clone();
        let visitor = site.ask(move |desk| desk.visitors().visitor(&value)).await?;
        Ok(visitor.map(|visitor| Self { cookie, visitor }))
    }
}

impl FromRequestParts<Site> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        match Self::find(parts, site).await {
            Ok(Some(session)) => Ok(session),
            Ok(None) => Err(see_other("/login")),
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
