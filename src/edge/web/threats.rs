//! What the pages withstand, each named by its row in the list of threats: requests before a desk in memory.

use super::serve::routes;
use crate::app::testing::{self, ALICE, BOB, address, desk, letters, mail, take};
use crate::app::{Client, Desk, StaffChange};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use std::sync::Arc;
use tower::ServiceExt;

const ORIGIN: &str = "https://desk.example";

/// A desk with one ticket of Alice, whose file is a picture that runs in a browser.
struct Room {
    desk: Desk,
    pages: Router,
    /// The link of Alice's confirmation.
    link: String,
    /// What Bob was told.
    notice: testing::Letter,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn field(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    fn hidden(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let rest = self.body.split_once(&start).map_or("", |(_, rest)| rest);
        rest.split('"').next().unwrap_or_default().to_owned()
    }
}

impl Room {
    fn new() -> Self {
        let (config, desk) = desk(&[BOB]);
        let pages = routes(Arc::new(config), desk.clone(), false);
        let fields =
            "Subject: a lamp of canary\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
        let text = "--b\r\n\r\nIt is dark.\r\n--b\r\nContent-Type: image/svg+xml\r\n\
                    Content-Disposition: attachment; filename=\"a.svg\"\r\n\r\n\
                    <svg onload=alert(1)>\r\n--b--";
        take(&desk, &mail(ALICE, None, "1@c.example", fields, text));
        let all = letters(&desk);
        let link = path(&all, ALICE);
        let notice = all.into_iter().find(|l| l.to == BOB).expect("a notice");
        Self { desk, pages, link, notice }
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], form: Option<&str>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", "desk.example");
        }
        if form.is_some() {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(form.unwrap_or_default().to_owned())).expect("a request");
        let answer = self.pages.clone().oneshot(request).await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send("GET", path, &[("cookie", cookie)], None).await
    }

    async fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        self.send("POST", path, &[("cookie", cookie), ("origin", ORIGIN)], Some(form)).await
    }

    /// Presses the button of a link; the cookie.
    async fn sign_in(&self, link: &str, cookie: &str) -> String {
        let seal = self.get(link, cookie).await.hidden("page");
        let answer = self.post(link, cookie, &format!("page={seal}")).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.field("set-cookie").split(';').next().expect("a cookie").to_owned()
    }

    /// Whose tickets a cookie shows.
    async fn is_signed_in(&self, cookie: &str) -> bool {
        let answer = self.get("/tickets", cookie).await;
        assert!(answer.status == 200 || answer.field("location") == "/login", "{}", answer.status);
        answer.status == 200
    }

    fn ask_link(&self, who: &str) -> String {
        let client = Client { network: "10.0.0.1/32".into(), ip: "10.0.0.1".into(), agent: String::new() };
        self.desk.visitors().ask_link(who, &client);
        path(&letters(&self.desk), who)
    }
}

fn path(letters: &[testing::Letter], who: &str) -> String {
    let link = letters.iter().filter(|l| l.to == who).find_map(|l| l.link("https://desk.example/login/"));
    link.expect("a link").strip_prefix(ORIGIN).expect("our own").to_owned()
}

#[tokio::test]
async fn t58_a_file_is_never_shown_in_place() {
    let room = Room::new();
    let cookie = room.sign_in(&room.link, "").await;
    for (method, range) in [("GET", None), ("GET", Some("bytes=0-3")), ("HEAD", None)] {
        let mut headers = vec![("cookie", cookie.as_str())];
        headers.extend(range.map(|range| ("range", range)));
        let answer = room.send(method, "/files/1", &headers, None).await;
        assert_eq!(answer.status, 200);
        assert!(answer.field("content-disposition").starts_with("attachment; filename=\"a.svg\""));
        for (name, value) in [
            ("content-type", "application/octet-stream"),
            ("content-security-policy", "sandbox; default-src 'none'; frame-ancestors 'none'"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("content-length", "21"),
        ] {
            assert_eq!(answer.field(name), value, "{method} {name}");
        }
        assert_eq!(answer.body, if method == "HEAD" { "" } else { "<svg onload=alert(1)>" });
    }
    assert_eq!(room.get("/files/1", "").await.status, 303);
    assert_eq!(room.get("/files/2", &cookie).await.status, 404);
}

/// What stays inside is on no page of a customer, and cannot be had by its number (T72, T119).
#[tokio::test]
async fn t119_the_page_shows_what_the_letter_brought() {
    let room = Room::new();
    let file = |kind: &str, name: &str| {
        format!(
            "--b\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename={name}\r\n\r\n\
             From: bob@staff.example\r\n\r\nx\r\n"
        )
    };
    let answer = format!(
        "--b\r\n\r\nNew bulbs are on their way.\r\n{}{}{}{}--b--",
        file("application/pkcs7-signature", "smime.p7s"),
        file("message/rfc822", "old.eml"),
        file("application/pdf", "bulbs.pdf"),
        file("text/x-vcard", "bob.vcf"),
    );
    let fields = "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
    let raw = room.notice.answer("b1@b", &answer).replacen("\r\n\r\n", fields, 1);
    assert_eq!(take(&room.desk, &raw).outcome, "append");
    let cookie = room.sign_in(&room.link, "").await;
    let page = room.get("/tickets/1", &cookie).await;
    assert!(
        page.body.contains("New bulbs are on their way.") && page.body.contains("bulbs.pdf"),
        "{}",
        page.body
    );
    for inside in ["smime", "old.eml", ".vcf", "bob@staff.example"] {
        assert!(!page.body.contains(inside), "{inside}: {}", page.body);
    }
    // Her own picture has the number 1.
    let mut had = Vec::new();
    for n in 2..=6 {
        let answer = room.get(&format!("/files/{n}"), &cookie).await;
        assert!(answer.status == 200 || answer.status == 404, "{n}");
        had.extend((answer.status == 200).then(|| answer.field("content-disposition").to_owned()));
    }
    assert!(matches!(&had[..], [one] if one.contains("bulbs.pdf")), "{had:?}");
}

#[tokio::test]
async fn t59_looking_at_a_link_uses_nothing_up() {
    let room = Room::new();
    let page = room.get(&room.link, "").await;
    for n in 0..50 {
        let method = if n % 2 == 0 { "GET" } else { "HEAD" };
        let answer = room.send(method, &room.link, &[("user-agent", &format!("scanner/{n}"))], None).await;
        assert_eq!((answer.status, answer.field("set-cookie")), (200, ""));
    }
    assert!(page.body.contains("<button") && !page.body.contains("<script"), "{}", page.body);
    let seal = format!("page={}", page.hidden("page"));
    assert_eq!(room.post(&room.link, "", &seal).await.status, 303);
    assert_eq!(room.post(&room.link, "", &seal).await.status, 410, "once");
}

#[tokio::test]
async fn t60_of_many_presses_at_once_one_signs_in() {
    let room = Arc::new(Room::new());
    let seal = format!("page={}", room.get(&room.link, "").await.hidden("page"));
    let presses = (0..30).map(|_| {
        let (room, seal) = (room.clone(), seal.clone());
        tokio::spawn(async move { room.post(&room.link, "", &seal).await })
    });
    let mut refused = Vec::new();
    let mut sessions = 0;
    for press in presses.collect::<Vec<_>>() {
        let answer = press.await.expect("an answer");
        if answer.status == 303 { sessions += 1 } else { refused.push((answer.status, answer.body)) }
    }
    assert_eq!((sessions, refused.len()), (1, 29));
    assert!(refused.iter().all(|one| *one == refused[0] && one.0 == 410), "all alike");
}

#[tokio::test]
async fn t61_dead_links_look_alike_and_tell_no_address() {
    let room = Room::new();
    room.sign_in(&room.link, "").await;
    let used = room.get(&room.link, "").await;
    assert_eq!(
        (used.status, used.field("referrer-policy"), used.field("cache-control")),
        (410, "no-referrer", "no-store")
    );
    assert!(!used.body.contains("alice"), "{}", used.body);
    let random = room.get(&format!("/login/{}", "A".repeat(43)), "").await;
    assert_eq!((random.status, random.body), (used.status, used.body));
}

#[tokio::test]
async fn t62_only_the_very_token_counts() {
    let room = Room::new();
    let token = room.link.strip_prefix("/login/").expect("a token").to_owned();
    let hash =
        data_encoding::BASE64URL_NOPAD.encode(&<sha2::Sha256 as sha2::Digest>::digest(token.as_bytes()));
    for wrong in ["", "%00", "%20", &hash, &token.to_uppercase(), &token[1..], &format!("{token}A")] {
        let answer = room.get(&format!("/login/{wrong}"), "").await;
        assert!(matches!(answer.status, 404 | 410), "{wrong}: {}", answer.status);
    }
    let cookie = room.sign_in(&room.link, "").await;
    let (name, value) = cookie.split_once('=').expect("a value");
    assert!(token.len() == 43 && value.len() == 43, "256 bits");
    let hash =
        data_encoding::BASE64URL_NOPAD.encode(&<sha2::Sha256 as sha2::Digest>::digest(value.as_bytes()));
    for wrong in ["", &hash, &value.to_uppercase(), &value[1..]] {
        assert!(!room.is_signed_in(&format!("{name}={wrong}")).await, "{wrong}");
    }
    assert!(room.is_signed_in(&cookie).await);
}

#[tokio::test]
async fn t63_nobody_is_signed_in_by_a_foreign_page() {
    let room = Room::new();
    let page = room.get(&room.link, "").await;
    assert!(page.body.contains(ALICE) && page.field("set-cookie").is_empty(), "{}", page.body);
    let form = format!("page={}", page.hidden("page"));
    let foreign: [&[(&str, &str)]; 4] = [
        &[],
        &[("origin", "null")],
        &[("origin", "https://evil.example")],
        &[("origin", "null"), ("sec-fetch-site", "cross-site")],
    ];
    for headers in foreign {
        let answer = room.send("POST", &room.link, headers, Some(&form)).await;
        assert_eq!((answer.status, answer.field("set-cookie")), (403, ""), "{headers:?}");
    }
    assert_eq!(room.post(&room.link, "", "page=x").await.status, 403, "without the value of the page");
    // Who is somebody else already says so by a button of its own.
    let bob = room.sign_in(&room.ask_link(BOB), "").await;
    let answer = room.post(&room.link, &bob, &form).await;
    assert_eq!((answer.status, answer.field("set-cookie")), (409, ""));
    let own = [("origin", "null"), ("sec-fetch-site", "same-origin")];
    assert_eq!(room.send("POST", &room.link, &own, Some(&form)).await.status, 303);
}

#[tokio::test]
async fn t64_what_was_planted_before_is_dead_after() {
    let room = Room::new();
    let planted = format!("__Host-md_session={}", "A".repeat(43));
    let cookie = room.sign_in(&room.link, &planted).await;
    assert!(cookie.starts_with("__Host-md_session=") && cookie != planted);
    assert!(!room.is_signed_in(&planted).await && room.is_signed_in(&cookie).await);
    let two = format!("{cookie}; {planted}");
    assert!(!room.is_signed_in(&two).await, "of two values somebody else set one");
    let words = format!("form_token={}&words=x", "A".repeat(43));
    assert_eq!(room.post("/tickets/1", &cookie, &words).await.status, 403);
}

#[tokio::test]
async fn t65_a_session_ends_by_its_button_and_with_its_person() {
    let room = Room::new();
    let cookie = room.sign_in(&room.link, "").await;
    let token = room.get("/tickets/1", &cookie).await.hidden("form_token");
    let answer = room.post("/logout", &cookie, &format!("form_token={token}")).await;
    assert!(answer.status == 303 && answer.field("set-cookie").contains("Max-Age=0"));
    assert!(!room.is_signed_in(&cookie).await);
    let bob = room.sign_in(&room.ask_link(BOB), "").await;
    assert!(room.is_signed_in(&bob).await);
    room.desk.operator().change_staff(&StaffChange::Remove { address: &address(BOB) }).expect("a desk");
    assert!(!room.is_signed_in(&bob).await);
}

#[tokio::test]
async fn t66_asking_for_a_link_tells_nothing() {
    let room = Room::new();
    let seal = room.get("/login", "").await.hidden("page");
    let mut answers = Vec::new();
    for n in 0..30 {
        let who = if n % 2 == 0 { ALICE.to_owned() } else { format!("nobody{n}@unknown.example") };
        let answer = room.post("/login", "", &format!("page={seal}&address={who}")).await;
        answers.push((answer.status, answer.headers, answer.body));
    }
    assert!(answers.iter().all(|one| *one == answers[0]), "known, unknown and limited are alike");
    assert_eq!(answers[0].0, 200);
}

/// Every kind of path, and what is no path.
const PATHS: [&str; 14] = [
    "/",
    "/style.css",
    "/status",
    "/healthz",
    "/login",
    "/login/x",
    "/held/x",
    "/logout",
    "/tickets",
    "/tickets/1",
    "/unsubscribe/x",
    "/files/1",
    "/leave/x",
    "/nothing",
];

#[tokio::test]
async fn t70_t78_no_frame_and_no_foreign_reader_on_any_path() {
    let room = Room::new();
    let cookie = room.sign_in(&room.link, "").await;
    let evil = ("origin", "https://evil.example");
    for path in PATHS {
        for method in ["GET", "HEAD", "POST", "OPTIONS", "PUT"] {
            let answer = room.send(method, path, &[("cookie", &cookie), evil], None).await;
            assert_eq!(answer.field("x-frame-options"), "DENY", "{method} {path}");
            assert!(answer.field("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
            let open = answer.headers.keys().any(|name| name.as_str().starts_with("access-control"));
            assert!(!open, "{method} {path}");
            assert_eq!(answer.field("cross-origin-resource-policy"), "same-origin", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn t74_no_request_says_where_links_lead() {
    let room = Room::new();
    let seal = room.get("/login", "").await.hidden("page");
    let form = format!("page={seal}&address={ALICE}");
    let headers = [
        ("origin", ORIGIN),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-original-host", "evil.example"),
    ];
    assert_eq!(room.send("POST", "/login", &headers, Some(&form)).await.status, 200);
    assert_eq!(room.send("GET", "/login", &[("host", "evil.example")], None).await.status, 421);
    // The link is made by work that is handed over: an event after it comes after it.
    let mut found = Vec::new();
    while found.is_empty() {
        tokio::task::yield_now().await;
        found = letters(&room.desk);
    }
    let text = format!("{found:?}");
    assert!(text.contains("https://desk.example/login/") && !text.contains("evil.example"), "{text}");
}

#[tokio::test]
async fn t75_no_private_page_is_stored() {
    let room = Room::new();
    let link = room.link.clone();
    let cookie = room.sign_in(&room.link, "").await;
    for path in ["/tickets", "/tickets/1", "/files/1", link.as_str()] {
        let answer = room.get(path, &cookie).await;
        assert_eq!((answer.field("cache-control"), answer.field("vary")), ("no-store", "Cookie"), "{path}");
        assert!(!answer.headers.contains_key("etag") && !answer.headers.contains_key("last-modified"));
    }
}

#[tokio::test]
async fn t116_a_page_brings_a_bounded_part_of_a_long_ticket() {
    let room = Room::new();
    let cookie = room.sign_in(&room.link, "").await;
    let token = room.get("/tickets/1", &cookie).await.hidden("form_token");
    for n in 0..12 {
        let words = format!("form_token={token}&words=answer-{n}-{}", "x".repeat(60_000));
        assert_eq!(room.post("/tickets/1", &cookie, &words).await.status, 303);
    }
    let all: Vec<String> = (0..12).map(|n| format!("answer-{n}-")).collect();
    let newest = room.get("/tickets/1", &cookie).await.body;
    let earlier = newest.split_once("?before=").expect("a link to earlier messages").1;
    let earlier = earlier.split('"').next().expect("a number");
    let before = room.get(&format!("/tickets/1?before={earlier}"), &cookie).await.body;
    assert!(newest.len() < 600_000 && newest.contains(&all[11]) && !newest.contains("It is dark."));
    assert!(before.contains("It is dark.") && !before.contains("?before="), "the others are all there");
    for answer in all {
        assert_eq!(newest.contains(&answer), !before.contains(&answer), "{answer} is there once");
    }
    for wrong in ["before=", "before=0", "before=-1", "before=x"] {
        assert_eq!(room.get(&format!("/tickets/1?{wrong}"), &cookie).await.status, 404, "{wrong}");
    }
}

#[tokio::test]
async fn t76_public_pages_tell_nothing_of_anybody() {
    let room = Room::new();
    room.desk.condition().set("mailbox:support", false, "canary of the server");
    for path in ["/", "/status", "/healthz", "/login", "/nothing", "/tickets/1", "/files/1"] {
        let answer = room.get(path, "").await;
        let all = format!("{:?} {}", answer.headers, answer.body).to_lowercase();
        for secret in ["canary", ALICE, BOB, "alice", env!("CARGO_PKG_VERSION")] {
            assert!(!all.contains(secret), "{secret} on {path}: {all}");
        }
    }
}

#[tokio::test]
async fn t79_a_form_has_its_fields_and_no_others() {
    let room = Room::new();
    let cookie = room.sign_in(&room.link, "").await;
    let token = room.get("/tickets/1", &cookie).await.hidden("form_token");
    let good = format!("form_token={token}&words=hello");
    for extra in ["status=closed", "assignee=1", "person=2", "words=again", "form_token=x"] {
        let answer = room.post("/tickets/1", &cookie, &format!("{good}&{extra}")).await;
        assert_eq!(answer.status, 400, "{extra}");
    }
    let many = |desk: &Desk| desk.operator().ticket(1).expect("a desk").expect("a ticket").1.len();
    assert_eq!(many(&room.desk), 1, "nothing was changed");
    assert_eq!(room.post("/tickets/1", &cookie, &good).await.status, 303);
    assert_eq!(many(&room.desk), 2);
}
