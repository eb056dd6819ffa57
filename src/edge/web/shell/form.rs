//! Forms and paths: what a form may hold, what the last part of a path says, and where a browser goes next.

use super::refusal::{self, Refusal};
use axum::extract::Form;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

/// A form as axum hands it over: its fields, or why they could not be read.
pub type Posted<T> = Result<Form<T>, FormRejection>;

/// RFC 9110 §15.4.4: after a form, the browser gets a clean page of ours.
pub fn see_other(path: &str) -> Response {
    let path = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

/// The fields of a form that has just those that it may have (T79), sent as forms are sent.
pub fn fields<T>(form: Posted<T>) -> Result<T, Refusal> {
    match form {
        Ok(Form(fields)) => Ok(fields),
        // What a foreign page can send without asking: text/plain and its like (T69).
        Err(FormRejection::InvalidFormContentType(_)) => Err(refusal::CROSS_SITE),
        Err(_) => Err(refusal::MALFORMED),
    }
}

/// The last part of a path as it was sent: tokens and numbers need no percent-encoding.
pub fn last_part(uri: &Uri) -> &str {
    uri.path().rsplit('/').next().unwrap_or("")
}

/// The last part of a path as a number: digits alone, no zero before them.
pub fn last_number(uri: &Uri) -> Result<i64, Refusal> {
    let text = last_part(uri);
    let number = text.parse::<i64>().ok();
    number.filter(|n| *n > 0 && n.to_string() == text).ok_or(refusal::NOT_FOUND)
}

/// Compares two secrets. The time that it takes tells nothing about them, and an empty secret equals none.
pub fn same_secret(a: &str, b: &str) -> bool {
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
        assert!(same_secret("a", "a") && !same_secret("a", "b") && !same_secret("", ""));
    }
}
