//! Downloads of files that strangers made (T58; RFC 6266 and 8187): never shown in place.

use crate::edge::web::shell::form::last_number;
use crate::edge::web::shell::gate::FILE_POLICY;
use crate::edge::web::shell::refusal::{self, Refusal};
use crate::edge::web::shell::session::Session;
use crate::edge::web::shell::site::Site;
use axum::extract::State;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use std::fmt::Write;

/// Types that no browser runs. Every other file is sent as plain bytes.
const TYPES: [&str; 10] = [
    "application/pdf",
    "application/zip",
    "audio/mpeg",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/csv",
    "text/plain",
    "video/mp4",
];

/// GET /files/ID
pub async fn download(State(site): State<Site>, session: Session, uri: Uri) -> Result<Response, Refusal> {
    let id = last_number(&uri)?;
    let who = session.visitor;
    let found = site.ask(move |desk| desk.visitors().file_of(&who, id)).await?;
    let (file, bytes) = found.ok_or(refusal::NOT_FOUND)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind(&file.media_type))),
        (header::CONTENT_DISPOSITION, disposition(&file.filename)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FILE_POLICY)),
    ];
    Ok((headers, bytes).into_response())
}

fn kind(media_type: &str) -> &'static str {
    let known = TYPES.iter().find(|t| t.eq_ignore_ascii_case(media_type));
    known.copied().unwrap_or("application/octet-stream")
}

/// RFC 6266 §4.3 and appendix D: a plain name for old programs, and the true one by RFC 8187.
fn disposition(filename: &str) -> HeaderValue {
    let plain: String = filename
        .chars()
        .map(|c| match c {
            '"' | '\\' | '%' | '/' => '_',
            ' '..='~' => c,
            _ => '_',
        })
        .collect();
    let mut exact = String::new();
    for b in filename.bytes() {
        // RFC 8187 §3.2.1, attr-char.
        if b.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&b) {
            exact.push(char::from(b));
        } else {
            let _ = write!(exact, "%{b:02X}");
        }
    }
    let line = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}");
    HeaderValue::from_str(&line).expect("printable ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_header() {
        assert_eq!(
            disposition("Übung \"1\"\r\n.pdf"),
            "attachment; filename=\"_bung _1___.pdf\"; filename*=UTF-8''%C3%9Cbung%20%221%22%0D%0A.pdf"
        );
    }

    #[test]
    fn nothing_that_runs_keeps_its_type() {
        assert_eq!(kind("Image/PNG"), "image/png");
        for wrong in ["text/html", "image/svg+xml", "application/javascript", "text/plain; x"] {
            assert_eq!(kind(wrong), "application/octet-stream");
        }
    }
}
