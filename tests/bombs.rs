//! No input of 1 MB takes longer than 20 times a well-formed mail of that size (THREATS T36 to T38, T49).
//! Without optimisation the same holds of a tenth of that, since the compiler is measured, too.

#[allow(dead_code)]
mod pure;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use maildesk::mail::parse::parse;
use pure::House;

const SIZE: usize = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
const FACTOR: u32 = 20;

static ALONE: Mutex<()> = Mutex::new(());

fn fill(piece: &str) -> String {
    piece.repeat(SIZE / piece.len() + 1)
}

fn numbered(piece: impl Fn(usize) -> String) -> String {
    let mut out = String::with_capacity(SIZE + 1000);
    for number in 0.. {
        if out.len() >= SIZE {
            break;
        }
        out.push_str(&piece(number));
    }
    out
}

fn with(fields: &str, body: &str) -> String {
    format!("From: Ann <ann@example.org>\r\nSubject: bomb\r\nMIME-Version: 1.0\r\n{fields}\r\n\r\n{body}")
}

fn typed(kind: &str, body: &str) -> String {
    with(&format!("Content-Type: {kind}"), body)
}

/// A mail as a modern client or a shop writes it: a tenth words, half a page of HTML, the rest a picture.
fn well_formed() -> String {
    let words =
        "The printer on the second floor makes a noise like a train and then stops.\r\n".repeat(SIZE / 780);
    let page =
        "<p>The <b>printer</b> on the second floor makes <a href=\"https://example.org/x\">a noise</a> and then stops.</p>\r\n"
            .repeat(SIZE / 226);
    let picture =
        "iVBORw0KGgoAAAANSUhEUgAAAAYAAAALCAIAAADTMGvBAAAAEUlEQVQImWPgsi5DQwxDWgg\r\n".repeat(SIZE / 190);
    let mut mail = typed(
        "multipart/mixed; boundary=m",
        &format!(
            "--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain\r\n\r\n{words}--a\r\n\
             Content-Type: text/html\r\n\r\n{page}--a--\r\n--m\r\nContent-Type: image/png; name=p.png\r\nContent-Transfer-Encoding: base64\r\n\r\n{picture}"
        ),
    );
    mail.truncate(SIZE);
    mail + "\r\n--m--\r\n"
}

fn structure() -> Vec<(&'static str, String)> {
    let multi = "multipart/mixed; boundary=b";
    vec![
        (
            "nested multiparts",
            with("", "").replace("\r\n\r\n", "\r\n")
                + &numbered(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n")),
        ),
        (
            "one boundary nested",
            with("", "").replace("\r\n\r\n", "\r\n")
                + &fill("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"),
        ),
        (
            "nested mails",
            with("", "").replace("\r\n\r\n", "\r\n") + &fill("Content-Type: message/rfc822\r\n\r\n"),
        ),
        ("many parts", typed(multi, &fill("--b\r\n\r\n"))),
        ("almost boundaries", typed(multi, &fill("--bb\r\n"))),
        ("boundaries in one line", typed(multi, &fill("--b"))),
        ("many files", typed(multi, &fill("--b\r\nContent-Type: image/png; name=x\r\n\r\nx\r\n"))),
        ("parts without boundary", typed(multi, &fill("--b\r\nContent-Type: multipart/mixed\r\n\r\n"))),
        ("a long part head", typed(multi, &format!("--b\r\n{}", fill("X: y\r\n")))),
        ("a long type", typed(multi, &format!("--b\r\nContent-Type: text/plain;{}", fill(" a=b;")))),
        (
            "continued parameters",
            typed(
                multi,
                &format!("--b\r\nContent-Type: text/plain;{}", numbered(|n| format!("\r\n name*{n}*=%41;"))),
            ),
        ),
        (
            "nested comments in a type",
            typed(multi, &format!("--b\r\nContent-Type: text/plain {}", fill("("))),
        ),
        ("only dashes", typed(multi, &fill("-"))),
        ("only line ends", typed(multi, &fill("\n"))),
        ("only returns", typed(multi, &fill("\r"))),
        ("dots", typed("text/plain", &fill("\n.\r"))),
        ("zeros", fill("\0")),
    ]
}

fn heads() -> Vec<(&'static str, String)> {
    let field = |name: &str, value: &str| format!("{name}: {value}\r\nSubject: x\r\n\r\nx");
    let mut out = vec![
        ("many fields", fill("X: y\r\n")),
        ("many From fields", fill("From: a@b.example\r\n")),
        ("one field folded", format!("Subject: {}", fill("\r\n x"))),
        ("fields without colon", fill("From\r\n")),
        ("no line end", fill("x")),
    ];
    // Below the limit of a header block, so that they are read in full.
    let quarter = |piece: &str| piece.repeat(SIZE.min(960_000) / 4 / piece.len());
    for (name, piece) in [
        ("addresses", "a@b.example, "),
        ("groups", "g: a@b.example; "),
        ("opening comments", "("),
        ("opening angles", "<"),
        ("quotes", "\""),
        ("backslashes", "\\"),
        ("encoded words", "=?utf-8?q?=C3=A4?= "),
        ("encoded words without end", "=?utf-8?q?x"),
        ("encoded words, many charsets", "=?iso-2022-jp?b?GyRC?= =?utf-7?q?+?= "),
        ("half encoded words", "=?"),
        ("ids", "<a@b> "),
    ] {
        let value = quarter(piece);
        for in_field in
            ["From", "To", "Subject", "References", "Date", "Content-Type", "Received", "Auto-Submitted"]
        {
            out.push((name, field(in_field, &value)));
        }
    }
    out
}

fn words() -> Vec<(&'static str, String)> {
    let plain = |piece: &str| typed("text/plain; charset=utf-8", &fill(piece));
    let mut out = vec![
        ("one long encoded line", with("Content-Transfer-Encoding: quoted-printable", &fill("=C3=A4"))),
        ("soft line ends", with("Content-Transfer-Encoding: quoted-printable", &fill("=\r\n"))),
        ("padding", with("Content-Transfer-Encoding: base64", &fill("QQ=="))),
        ("escapes", typed("text/plain; charset=iso-2022-jp", &fill("\x1b$B\x1b(B"))),
        ("shifts", typed("text/plain; charset=utf-7", &fill("+AOQ-"))),
        ("open shifts", typed("text/plain; charset=utf-7", &fill("+"))),
        ("tildes", typed("text/plain; charset=hz-gb-2312", &fill("~{"))),
        ("flowed", typed("text/plain; format=flowed", &fill("x \r\n"))),
        ("flowed quotes", typed("text/plain; format=flowed", &fill("> x \r\n>> y \r\n"))),
        ("calendar", typed("text/calendar", &fill("SUMMARY:x\\n\r\n y\r\n"))),
        ("uuencode", with("Content-Transfer-Encoding: x-uuencode", &format!("begin 644 x\n{}", fill("M\n")))),
    ];
    out.extend(
        [
            ">",
            "> ",
            ">\n",
            "-- \n",
            "On x wrote:\n",
            "From: x\n",
            "____\n",
            "http://((((",
            "a\n\n",
            "\u{a0}\n",
            "#note\n",
            "|",
        ]
        .map(|p| ("lines", plain(p))),
    );
    out
}

fn pages() -> Vec<(&'static str, String)> {
    let pieces = [
        "<b>",
        "<div>",
        "<blockquote type=cite>",
        "<table><tr><td>",
        "<ul><li>",
        "<ol start=1>",
        "<",
        "</",
        "<!--",
        "<a \"",
        "<a href=x",
        "&",
        "&amp",
        "&#x41;",
        "<p x=\"",
        "<script>",
        "<style>",
        "<svg>",
        "<math><mtext>",
        "</p>",
        "<img alt=x>",
        "<a href=https://e.example/x>y</a>",
        "<b><i>",
        "<form><input>",
        "<pre>\n",
        "<template>",
        "<![CDATA[",
        "<font><p>",
        "<a><table>",
        "<option><select>",
    ];
    pieces.iter().map(|piece| (*piece, typed("text/html; charset=utf-8", &fill(piece)))).collect()
}

fn time(house: &House, raw: &[u8]) -> Duration {
    let begin = Instant::now();
    assert!(house.explains(raw), "the parser failed");
    begin.elapsed()
}

/// Measures all of one kind and names those that are too slow; a slow one is looked at again, the machine may
/// have been busy.
fn check(kind: &str, bombs: Vec<(&'static str, String)>) {
    // One after the other: tests that run beside each other measure each other.
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let house = House::new();
    let usual = well_formed();
    let usual = (0..3).map(|_| time(&house, usual.as_bytes())).min().expect("three");
    let mut slow = Vec::new();
    let mut worst = (Duration::ZERO, "");
    for (name, raw) in &bombs {
        let mut took = time(&house, raw.as_bytes());
        for _ in 0..3 {
            if took > usual * FACTOR {
                took = took.min(time(&house, raw.as_bytes()));
            }
        }
        worst = worst.max((took, name));
        if took > usual * FACTOR {
            slow.push(format!("{name}: {took:?}"));
        }
    }
    println!("{kind}: {} inputs, a usual mail {usual:?}, the worst {:?} ({})", bombs.len(), worst.0, worst.1);
    assert!(slow.is_empty(), "more than {FACTOR} times {usual:?}: {}", slow.join(", "));
}

#[test]
fn structures() {
    check("structures", structure());
}

#[test]
fn headers() {
    check("headers", heads());
}

#[test]
fn texts() {
    check("texts", words());
}

#[test]
fn t49_html() {
    check("pages", pages());
}

/// Ten times the input in less than fifteen times the time.
#[test]
fn t38_headers_are_read_in_linear_time() {
    let pieces = [
        "=?utf-8?q?x",
        "=?utf-8?q?x?= ",
        "a@b.example,",
        "(",
        "<",
        "\"",
        "\\",
        ":",
        ";x*1=",
        "=?",
        "<a@b>",
        "g: a@b.example; ",
    ];
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for piece in pieces {
        let time = |size: usize| {
            let value = piece.repeat(size / piece.len());
            let raw = format!(
                "From: {value}\r\nTo: {value}\r\nSubject: {value}\r\nReferences: {value}\r\nContent-Type: {value}\r\n\r\nx"
            );
            // The best of three: other work on the machine is no slowness of ours.
            let once = || {
                let begin = Instant::now();
                assert!(!parse(raw.as_bytes()).defects.is_empty(), "{piece}");
                begin.elapsed()
            };
            once().min(once()).min(once())
        };
        let (small, large) = (time(4000), time(40_000));
        // Below some ms it is noise.
        assert!(large < (small * 15).max(Duration::from_millis(50)), "{piece:?}: {small:?} and {large:?}");
    }
}
