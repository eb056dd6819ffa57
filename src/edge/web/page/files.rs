//! Downloads of files that strangers made (T58; RFC 6266 and 8187): never shown in place, and sent in pieces
//! (T116).

use crate::app::KeptFile;
use crate::edge::http::Peer;
use crate::edge::web::shell::downloads::Download;
use crate::edge::web::shell::form::last_number;
use crate::edge::web::shell::gate::FILE_POLICY;
use crate::edge::web::shell::refusal::{self, Refusal};
use crate::edge::web::shell::session::Session;
use crate::edge::web::shell::site::Site;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::fmt::Write;
use std::io;
use std::time::Instant;

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

/// Bytes that are handed over at once.
const PART_BYTES: usize = 32 * 1024;

/// GET /files/ID
pub async fn download(
    State(site): State<Site>,
    session: Session,
    peer: Option<Extension<Peer>>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let id = last_number(&uri)?;
    let who = session.visitor;
    let place = peer.map(|Extension(peer)| peer.place);
    let download = site.downloads().begin(who.person, place, Instant::now())?;
    let file = site.ask(move |desk| desk.visitors().file_of(&who, id)).await?.ok_or(refusal::NOT_FOUND)?;
    let mut sending = Sending { site, file, download, piece: Vec::new(), at: 0, from: 0 };
    let bytes = sending.fetch().await?.ok_or(refusal::NOT_FOUND)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind(&sending.file.view.media_type))),
        (header::CONTENT_LENGTH, HeaderValue::from(bytes)),
        (header::CONTENT_DISPOSITION, disposition(&sending.file.view.filename)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FILE_POLICY)),
    ];
    let octets = stream::try_unfold(sending, move |sending| sending.next(bytes));
    Ok((headers, Body::from_stream(octets)).into_response())
}

async fn octets(site: Site, file: KeptFile) -> Result<Option<Vec<u8>>, Refusal> {
    site.ask(move |desk| desk.visitors().octets(&file)).await
}

/// A file on its way.
struct Sending {
    site: Site,
    file: KeptFile,
    download: Download,
    /// What is handed over now, and so many bytes of it were.
    piece: Vec<u8>,
    at: usize,
    /// Where the next piece begins in the file.
    from: usize,
}

impl Sending {
    /// Gets the next piece, and says how many bytes the whole file has; `None`: the file is gone.
    async fn fetch(&mut self) -> Result<Option<usize>, Refusal> {
        // The one before goes first, so that there are never two.
        (self.piece, self.at) = (Vec::new(), 0);
        let reading = Box::pin(octets(self.site.clone(), self.file.clone()));
        let file = (self.file.view.id, self.file.view.size);
        let Some(piece) = self.download.piece(file, self.from, reading).await? else { return Ok(None) };
        self.from += piece.bytes.len();
        self.piece = piece.bytes;
        Ok(Some(piece.whole_bytes))
    }

    /// The next part of the piece; `bytes`: of the whole file. The other end of the way keeps what it has not
    /// written yet, so it gets copies of little and not the piece.
    async fn next(mut self, bytes: usize) -> io::Result<Option<(Vec<u8>, Self)>> {
        if self.at == self.piece.len() {
            if self.from >= bytes {
                return Ok(None);
            }
            self.download.took(Instant::now());
            let found = self.fetch().await.map_err(|refusal| io::Error::other(refusal.title))?;
            // Whoever gets less than was announced sees that the file is not whole.
            found.filter(|_| !self.piece.is_empty()).ok_or(io::ErrorKind::UnexpectedEof)?;
        }
        let end = (self.at + PART_BYTES).min(self.piece.len());
        let part = self.piece[self.at..end].to_vec();
        self.at = end;
        Ok(Some((part, self)))
    }
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
