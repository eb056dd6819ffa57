//! The gate alone, before routes that need no desk.

use super::*;
use axum::http::StatusCode;
use axum::routing::get;
use tower::ServiceExt;

fn gate(origin: &str) -> Gate {
    let url: url::Url = origin.parse().unwrap();
    let port = url.port_or_known_default().unwrap();
    let https = url.scheme() == "https";
    Gate {
        hosts: vec![(url.host_str().unwrap().to_owned(), port)],
        origins: vec![url.origin().ascii_serialization()],
        default_port: if https { 443 } else { 80 },
        https,
        proxies: Vec::new(),
        frame: Frame::of("Help", "support@desk.example"),
    }
}

async fn send(origin: &str, request: axum::http::request::Builder, body: Body) -> Response {
    let routes = Router::new()
        .route("/", get(async || "fine").post(async |text: String| text))
        .route("/healthz", get(async || "{}"))
        .route("/panic", get(boom))
        .fallback(async || refusal::NOT_FOUND);
    let request = request.body(body).unwrap();
    gate(origin).guard(routes).oneshot(request).await.unwrap()
}

async fn boom() -> &'static str {
    panic!("as a test")
}

async fn text(response: Response) -> String {
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

const HTTP: &str = "http://127.0.0.1:8080";
const HTTPS: &str = "https://desk.example";

#[tokio::test]
async fn only_our_host_is_served() {
    let cases: [(&str, &str, &[&str], u16); 14] = [
        (HTTP, "/", &["127.0.0.1:8080"], 200),
        (HTTP, "/", &["127.0.0.1"], 421),
        (HTTP, "/", &["127.0.0.1:9125"], 421),
        (HTTP, "/", &["localhost:8080"], 421),
        (HTTP, "/", &["evil.example"], 421),
        (HTTP, "/", &[], 400),
        (HTTP, "/", &["127.0.0.1:8080", "127.0.0.1:8080"], 400),
        (HTTP, "/", &["a b"], 400),
        (HTTP, "/", &["x@127.0.0.1:8080"], 400),
        (HTTP, "/healthz", &["evil.example"], 200),
        (HTTP, "http://evil.example/", &["127.0.0.1:8080"], 421),
        (HTTPS, "/", &["DESK.example"], 200),
        (HTTPS, "/", &["desk.example:443"], 200),
        (HTTPS, "/", &["desk.example:80"], 421),
    ];
    for (origin, path, hosts, status) in cases {
        let mut request = Request::get(path);
        for host in hosts {
            request = request.header("Host", *host);
        }
        let response = send(origin, request, Body::empty()).await;
        assert_eq!(response.status().as_u16(), status, "{path} {hosts:?}");
    }
}

#[tokio::test]
async fn forms_come_from_our_own_pages_alone() {
    let cases: [(&[(&str, &str)], u16); 9] = [
        (&[("Origin", HTTPS)], 200),
        (&[("Origin", "https://evil.example")], 403),
        (&[("Origin", "https://desk.example:8443")], 403),
        (&[("Origin", HTTPS), ("Origin", HTTPS)], 403),
        (&[("Sec-Fetch-Site", "same-origin")], 200),
        (&[("Origin", "null"), ("Sec-Fetch-Site", "same-origin")], 200),
        (&[("Origin", "null"), ("Sec-Fetch-Site", "cross-site")], 403),
        (&[("Origin", "null")], 403),
        (&[], 403),
    ];
    for (headers, status) in cases {
        let mut request = Request::post("/").header("Host", "desk.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = send(HTTPS, request, Body::from("words")).await;
        assert_eq!(response.status().as_u16(), status, "{headers:?}");
    }
}

#[tokio::test]
async fn every_response_wears_the_headers() {
    for path in ["/", "/healthz", "/panic", "/nothing"] {
        for host in ["desk.example", "evil.example"] {
            let request = Request::get(path).header("Host", host);
            let response = send(HTTPS, request, Body::empty()).await;
            let headers = response.headers();
            for (name, value) in ALWAYS {
                assert_eq!(headers[name], value, "{path}");
            }
            assert_eq!(headers["content-security-policy"], PAGE_POLICY);
            assert_eq!(headers["cache-control"], "no-store");
            assert_eq!(headers["strict-transport-security"], "max-age=31536000");
            assert!(!headers.contains_key("server"));
            assert!(!headers.keys().any(|k| k.as_str().starts_with("access-control")));
        }
    }
    let request = Request::get("/").header("Host", "127.0.0.1:8080");
    let response = send(HTTP, request, Body::empty()).await;
    assert!(!response.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn a_panic_and_a_huge_body_become_pages() {
    let request = Request::get("/panic").header("Host", "desk.example");
    let response = send(HTTPS, request, Body::empty()).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let page = text(response).await;
    assert!(page.contains("support@desk.example") && !page.contains("as a test"));

    let request = Request::post("/").header("Host", "desk.example").header("Origin", HTTPS);
    let response = send(HTTPS, request, Body::from(vec![b'x'; FORM_BYTES_MAX + 1])).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);

    let request = Request::put("/").header("Host", "desk.example");
    let response = send(HTTPS, request, Body::empty()).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()["allow"], "GET, HEAD, POST");
}

#[test]
fn t61_logs_show_no_token() {
    assert_eq!(path_for_logs("/login/SECRET"), "/login/***");
    assert_eq!(path_for_logs("/tickets/1042"), "/tickets/N");
    assert_eq!(path_for_logs("/alice@example.com"), "other");
}
