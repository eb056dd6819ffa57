//! The outermost layer: which requests come in, and which headers every response carries (STANDARDS,
//! section 5; T70, T74, T75, T77).

use super::caller::{Caller, NOBODY};
use super::frame::{self, Frame};
use super::refusal::{self, Refusal};
use crate::config::Config;
use crate::edge::http::Peer;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Bytes of a form; no form of ours takes files.
const FORM_BYTES_MAX: usize = 64 * 1024;
const BODY_TIME: Duration = Duration::from_secs(30);
/// A page that takes longer is given up with 503.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// CSP3: a page loads styles, pictures and fonts of this site, and nothing else (T56).
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; \
     form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";
/// For bytes that strangers made (T58).
pub const FILE_POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// Headers of every response.
const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    (
        "permissions-policy",
        "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), clipboard-read=(), \
         display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), \
         gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), local-fonts=(), \
         magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), \
         publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()",
    ),
];

/// What the gate knows of the site.
pub struct Gate {
    /// Names of the site: host in lower case, port.
    hosts: Vec<(String, u16)>,
    origins: Vec<String>,
    default_port: u16,
    https: bool,
    proxies: Vec<(IpAddr, u8)>,
    frame: Frame,
}

impl Gate {
    /// `also_localhost`: the demo answers to `localhost` beside the host of `[desk] url`.
    pub fn new(config: &Config, also_localhost: bool) -> Self {
        let url = &config.desk.url;
        let port = url.port_or_known_default().unwrap_or(80);
        let mut hosts = vec![(url.host_str().unwrap_or("").to_ascii_lowercase(), port)];
        let mut origins = vec![url.origin().ascii_serialization()];
        if also_localhost {
            hosts.push(("localhost".to_owned(), port));
            origins.push(format!("{}://localhost:{port}", url.scheme()));
        }
        let https = url.scheme() == "https";
        Self {
            hosts,
            origins,
            default_port: if https { 443 } else { 80 },
            https,
            proxies: config.web.proxies.clone(),
            frame: Frame::new(config),
        }
    }

    /// Puts the gate before all routes, the fallback included.
    pub fn guard(self, routes: Router) -> Router {
        routes.layer(from_fn_with_state(Arc::new(self), pass))
    }

    /// The host is ours, and a form comes from a page of ours.
    fn admit(&self, request: &Request) -> Result<(), Refusal> {
        // Programs that watch the daemon ask by its IP address (T74).
        if request.uri().path() != "/healthz" {
            self.host_is_ours(request.uri(), request.headers())?;
        }
        match *request.method() {
            Method::GET | Method::HEAD => Ok(()),
            // RFC 8058 §3.2: a mail client posts without an origin. The id in the path is all that counts,
            // and it ends one subscription.
            Method::POST if request.uri().path().starts_with("/unsubscribe/") => Ok(()),
            Method::POST if self.same_origin(request.headers()) => Ok(()),
            Method::POST => Err(refusal::CROSS_SITE),
            _ => Err(refusal::METHOD),
        }
    }

    /// RFC 9112 §3.2: there is exactly one Host, and it is ours. Where the target names an authority as well,
    /// that must be ours, too.
    fn host_is_ours(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let mut lines = headers.get_all(header::HOST).iter();
        let (Some(line), None) = (lines.next(), lines.next()) else {
            return Err(refusal::MALFORMED);
        };
        let host = line
            .to_str()
            .ok()
            .filter(|h| !h.contains('@'))
            .and_then(|h| h.parse::<Authority>().ok())
            .ok_or(refusal::MALFORMED)?;
        let ours = self.is_ours(&host) && uri.authority().is_none_or(|a| self.is_ours(a));
        ours.then_some(()).ok_or(refusal::WRONG_HOST)
    }

    fn is_ours(&self, host: &Authority) -> bool {
        let port = match host.port() {
            Some(port) => port.as_u16(),
            None => self.default_port,
        };
        let name = host.host().to_ascii_lowercase();
        self.hosts.iter().any(|(h, p)| *h == name && *p == port)
    }

    /// Whether one of our own pages sent the form. Browsers may send `Origin: null` with it, since our pages
    /// say `no-referrer`; then Sec-Fetch-Site decides.
    fn same_origin(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let mut sites = headers.get_all("sec-fetch-site").iter();
        match (origins.next(), origins.next()) {
            (Some(origin), None) if origin != "null" => self.origins.iter().any(|o| origin == o),
            (_, None) => sites.next().is_some_and(|site| site == "same-origin") && sites.next().is_none(),
            _ => false,
        }
    }

    async fn answer(&self, request: Request, next: Next) -> Response {
        let request = match self.with_body(request).await {
            Ok(request) => request,
            Err(refusal) => return refusal.into_response(),
        };
        let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
        match tokio::time::timeout(ANSWER_TIME, answer).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => refusal::BROKEN.into_response(),
            Err(_) => refusal::BUSY.into_response(),
        }
    }

    /// The request with its whole body in memory, and with its caller.
    async fn with_body(&self, request: Request) -> Result<Request, Refusal> {
        let (mut parts, body) = request.into_parts();
        let peer = parts.extensions.get::<Peer>();
        let caller = Caller::new(peer.map_or(NOBODY, |peer| peer.ip), &parts.headers, &self.proxies);
        // By a proxy, only the head says whose connection it is.
        if !peer.is_none_or(|peer| peer.place.counts_for(caller.ip, Instant::now())) {
            return Err(refusal::BUSY);
        }
        parts.extensions.insert(caller);
        if parts.method != Method::POST {
            return Ok(Request::from_parts(parts, Body::empty()));
        }
        let length = parts.headers.get(header::CONTENT_LENGTH);
        let length = length.and_then(|l| l.to_str().ok()?.parse::<usize>().ok());
        if length.is_some_and(|bytes| bytes > FORM_BYTES_MAX) {
            return Err(refusal::TOO_LONG);
        }
        let whole = tokio::time::timeout(BODY_TIME, to_bytes(body, FORM_BYTES_MAX));
        let whole = whole.await.map_err(|_| refusal::SLOW)?;
        let whole = whole.map_err(|_| refusal::TOO_LONG)?;
        Ok(Request::from_parts(parts, Body::from(whole)))
    }

    /// A refusal becomes its page; every response gets the headers that it has not chosen itself.
    fn finish(&self, response: Response) -> Response {
        let mut response = match response.extensions().get::<Refusal>() {
            Some(refusal) => {
                let mut page = frame::refused(&self.frame, refusal);
                // RFC 9110 §15.5.6: the router knows which methods a page has.
                if let Some(allow) = response.headers().get(header::ALLOW) {
                    page.headers_mut().insert(header::ALLOW, allow.clone());
                }
                page
            }
            None => response,
        };
        let headers = response.headers_mut();
        for (name, value) in ALWAYS {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let mut unless_set = |name: HeaderName, value: &'static str| {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        };
        unless_set(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
        unless_set(header::CACHE_CONTROL, "no-store");
        unless_set(header::VARY, "Cookie");
        if self.https {
            unless_set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
        }
        response
    }
}

async fn pass(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let (method, path) = (request.method().clone(), path_for_logs(request.uri().path()));
    let response = match gate.admit(&request) {
        Ok(()) => gate.answer(request, next).await,
        Err(refusal) => refusal.into_response(),
    };
    let response = gate.finish(response);
    let (status, ms) = (response.status().as_u16(), started.elapsed().as_millis());
    tracing::debug!(%method, path, status, ms, "answered");
    response
}

/// A path as logs may show it: tokens and numbers are left out (T61).
fn path_for_logs(path: &str) -> &'static str {
    match path.split('/').nth(1).unwrap_or("") {
        "" => "/",
        "login" if path.len() > "/login".len() => "/login/***",
        "login" => "/login",
        "held" => "/held/***",
        "tickets" if path.len() > "/tickets".len() => "/tickets/N",
        "tickets" => "/tickets",
        "files" => "/files/N",
        "follow" => "/follow/N",
        "leave" => "/leave/***",
        "unsubscribe" => "/unsubscribe/***",
        "logout" => "/logout",
        "status" => "/status",
        "healthz" => "/healthz",
        "style.css" => "/style.css",
        _ => "other",
    }
}

#[cfg(test)]
mod tests;
