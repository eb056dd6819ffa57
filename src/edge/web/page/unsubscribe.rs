//! Leaving the daily digest (RFC 8058, T105): a mail client posts, or a person presses a button; GET changes
//! nothing. Nobody needs a cookie or a sign-in: the id tells nothing, and all that it can do is to end this
//! one subscription.

use crate::app::Visitor;
use crate::edge::web::shell::form::last_part;
use crate::edge::web::shell::frame::{Frame, render};
use crate::edge::web::shell::refusal::{self, Refusal};
use crate::edge::web::shell::site::Site;
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;

/// Leaving the daily digest: the question, or that it is done.
#[derive(Template)]
#[template(path = "unsubscribe.html", config = "src/edge/web/askama.toml")]
struct Unsubscribe<'a> {
    frame: &'a Frame,
    signed: Option<&'a Visitor>,
    /// The digest is off.
    done: bool,
}

/// GET /unsubscribe/ID
pub async fn form(State(site): State<Site>, uri: Uri) -> Result<Response, Refusal> {
    let id = last_part(&uri).to_owned();
    match site.ask(move |desk| Ok(desk.visitors().digest_id_is_ours(&id))).await? {
        true => Ok(render(&Unsubscribe { frame: site.frame(), signed: None, done: false })),
        false => Err(refusal::NOT_FOUND),
    }
}

/// POST /unsubscribe/ID: 200, however often, and no redirect.
pub async fn press(
    State(site): State<Site>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Result<Response, Refusal> {
    if !one_click(&headers, &body) {
        return Err(refusal::MALFORMED);
    }
    let id = last_part(&uri).to_owned();
    match site.ask(move |desk| desk.visitors().leave_digest(&id)).await? {
        true => Ok(render(&Unsubscribe { frame: site.frame(), signed: None, done: true })),
        false => Err(refusal::NOT_FOUND),
    }
}

/// RFC 8058 §3.2: `List-Unsubscribe=One-Click`, as multipart/form-data or as
/// application/x-www-form-urlencoded.
fn one_click(headers: &HeaderMap, body: &str) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    if !kind.starts_with("multipart/form-data") {
        return body.trim() == "List-Unsubscribe=One-Click";
    }
    let lines: Vec<&str> = body.lines().map(str::trim_end).collect();
    let field = |l: &&str| {
        l.to_ascii_lowercase().starts_with("content-disposition:") && l.contains("name=\"List-Unsubscribe\"")
    };
    let after = lines.iter().position(field).map(|at| &lines[at..]).unwrap_or_default();
    after.iter().skip_while(|l| !l.is_empty()).nth(1) == Some(&"One-Click")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing::{address, desk};
    use crate::app::{Desk, StaffChange};
    use crate::desk::seal;
    use axum::body::{Body, to_bytes};
    use axum::http::{HeaderValue, Method, Request};
    use std::sync::Arc;
    use tower::ServiceExt;

    #[test]
    fn t105_both_forms_of_one_click_and_nothing_else() {
        let multipart =
            "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
        let plain = "application/x-www-form-urlencoded";
        for (kind, body, wanted) in [
            (plain, "List-Unsubscribe=One-Click", true),
            ("multipart/form-data; boundary=x", multipart, true),
            (plain, "", false),
            (plain, "List-Unsubscribe=Maybe", false),
            ("multipart/form-data; boundary=x", "--x\r\n\r\nOne-Click\r\n--x--", false),
            ("multipart/form-data; boundary=x", "List-Unsubscribe=One-Click", false),
        ] {
            let headers: HeaderMap =
                [(header::CONTENT_TYPE, HeaderValue::from_static(kind))].into_iter().collect();
            assert_eq!(one_click(&headers, body), wanted, "{kind} {body:?}");
        }
    }

    /// A desk at which Bob gets the digest, its pages, and the path by which Bob leaves the digest.
    fn room() -> (Desk, axum::Router, String) {
        let (config, desk) = desk(&["bob@staff.example"]);
        let bob = address("bob@staff.example");
        desk.operator().change_staff(&StaffChange::Digest { address: &bob, on: true }).expect("chosen");
        let id = seal::leave_id(&desk.rules_in_force().keys, 1);
        let pages = crate::edge::web::serve::routes(Arc::new(config), desk.clone(), false);
        (desk, pages, format!("/unsubscribe/{id}"))
    }

    async fn ask(pages: &axum::Router, method: Method, path: &str, body: &'static str) -> (u16, String) {
        let request = Request::builder().method(method).uri(path).header("host", "desk.example");
        let request =
            request.header("content-type", "application/x-www-form-urlencoded").body(Body::from(body));
        let answer = pages.clone().oneshot(request.expect("a request")).await.expect("an answer");
        assert!(!answer.headers().contains_key("set-cookie") && !answer.headers().contains_key("location"));
        let status = answer.status().as_u16();
        (
            status,
            String::from_utf8_lossy(&to_bytes(answer.into_body(), usize::MAX).await.expect("a body"))
                .into_owned(),
        )
    }

    #[tokio::test]
    async fn t105_one_click_ends_the_digest_and_looking_changes_nothing() {
        let (desk, pages, path) = room();
        let wants = || desk.operator().staff().expect("staff")[0].wants_digest();
        for method in [Method::GET, Method::HEAD].iter().cycle().take(10) {
            assert_eq!(ask(&pages, method.clone(), &path, "").await.0, 200);
        }
        let (_, page) = ask(&pages, Method::GET, &path, "").await;
        assert!(
            page.contains("name=\"List-Unsubscribe\" value=\"One-Click\"") && page.contains("<button"),
            "{page}"
        );
        assert!(wants());
        // Mail clients send no Origin and no cookie, and their form is none of ours.
        assert_eq!(ask(&pages, Method::POST, &path, "List-Unsubscribe=No").await.0, 400);
        let wrong = format!("{path}a");
        assert_eq!(ask(&pages, Method::POST, &wrong, "List-Unsubscribe=One-Click").await.0, 404);
        assert_eq!(ask(&pages, Method::GET, &wrong, "").await.0, 404);
        assert!(wants());
        for _ in 0..2 {
            assert_eq!(ask(&pages, Method::POST, &path, "List-Unsubscribe=One-Click").await.0, 200);
            assert!(!wants());
        }
        assert_eq!(
            ask(&pages, Method::POST, "/logout", "form_token=x").await.0,
            403,
            "for every other form nothing changed"
        );
    }
}
