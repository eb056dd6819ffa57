//! No input costs more than 20 times a well-formed mail of its size, nor more than its size grows (THREATS
//! T36 to T38, T49).

mod counted;
#[allow(dead_code)]
mod pure;

use counted::{LARGE, SMALL};
use maildesk::mail::parse::parse;
use pure::House;

/// Each is also taken at this size, uncounted.
const FULL: usize = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };

fn fill(size: usize, piece: &str) -> String {
    piece.repeat(size / piece.len() + 1)
}

fn numbered(size: usize, piece: impl Fn(usize) -> String) -> String {
    let mut out = String::with_capacity(size + 1000);
    for number in 0.. {
        if out.len() >= size {
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
fn well_formed(size: usize) -> String {
    let words =
        "The printer on the second floor makes a noise like a train and then stops.\r\n".repeat(size / 780);
    let page =
        "<p>The <b>printer</b> on the second floor makes <a href=\"https://example.org/x\">a noise</a> and \
         then stops.</p>\r\n"
            .repeat(size / 226);
    let picture =
        "iVBORw0KGgoAAAANSUhEUgAAAAYAAAALCAIAAADTMGvBAAAAEUlEQVQImWPgsi5DQwxDWgg\r\n".repeat(size / 190);
    let mut mail = typed(
        "multipart/mixed; boundary=m",
        &format!(
            "--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\
             Content-Type: text/plain\r\n\r\n{words}--a\r\n\
             Content-Type: text/html\r\n\r\n{page}--a--\r\n--m\r\nContent-Type: image/png; name=p.png\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{picture}"
        ),
    );
    mail.truncate(size);
    mail + "\r\n--m--\r\n"
}

fn structure(size: usize) -> Vec<(&'static str, String)> {
    let multi = "multipart/mixed; boundary=b";
    vec![
        (
            "nested multiparts",
            with("", "").replace("\r\n\r\n", "\r\n")
                + &numbered(size, |n| {
                    format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n")
                }),
        ),
        (
            "one boundary nested",
            with("", "").replace("\r\n\r\n", "\r\n")
                + &fill(size, "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"),
        ),
        (
            "nested mails",
            with("", "").replace("\r\n\r\n", "\r\n") + &fill(size, "Content-Type: message/rfc822\r\n\r\n"),
        ),
        ("many parts", typed(multi, &fill(size, "--b\r\n\r\n"))),
        ("almost boundaries", typed(multi, &fill(size, "--bb\r\n"))),
        ("boundaries in one line", typed(multi, &fill(size, "--b"))),
        ("many files", typed(multi, &fill(size, "--b\r\nContent-Type: image/png; name=x\r\n\r\nx\r\n"))),
        ("parts without boundary", typed(multi, &fill(size, "--b\r\nContent-Type: multipart/mixed\r\n\r\n"))),
        ("a long part head", typed(multi, &format!("--b\r\n{}", fill(size, "X: y\r\n")))),
        ("a long type", typed(multi, &format!("--b\r\nContent-Type: text/plain;{}", fill(size, " a=b;")))),
        (
            "continued parameters",
            typed(
                multi,
                &format!(
                    "--b\r\nContent-Type: text/plain;{}",
                    numbered(size, |n| format!("\r\n name*{n}*=%41;"))
                ),
            ),
        ),
        (
            "nested comments in a type",
            typed(multi, &format!("--b\r\nContent-Type: text/plain {}", fill(size, "("))),
        ),
        ("only dashes", typed(multi, &fill(size, "-"))),
        ("only line ends", typed(multi, &fill(size, "\n"))),
        ("only returns", typed(multi, &fill(size, "\r"))),
        ("dots", typed("text/plain", &fill(size, "\n.\r"))),
        ("zeros", fill(size, "\0")),
    ]
}

fn heads(size: usize) -> Vec<(&'static str, String)> {
    let field = |name: &str, value: &str| format!("{name}: {value}\r\nSubject: x\r\n\r\nx");
    let mut out = vec![
        ("many fields", fill(size, "X: y\r\n")),
        ("many From fields", fill(size, "From: a@b.example\r\n")),
        ("one field folded", format!("Subject: {}", fill(size, "\r\n x"))),
        ("fields without colon", fill(size, "From\r\n")),
        ("no line end", fill(size, "x")),
    ];
    // Below the limit of a header block, so that they are read in full.
    let quarter = |piece: &str| piece.repeat(size.min(960_000) / 4 / piece.len());
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

fn words(size: usize) -> Vec<(&'static str, String)> {
    let plain = |piece: &str| typed("text/plain; charset=utf-8", &fill(size, piece));
    let mut out = vec![
        ("one long encoded line", with("Content-Transfer-Encoding: quoted-printable", &fill(size, "=C3=A4"))),
        ("soft line ends", with("Content-Transfer-Encoding: quoted-printable", &fill(size, "=\r\n"))),
        ("padding", with("Content-Transfer-Encoding: base64", &fill(size, "QQ=="))),
        ("escapes", typed("text/plain; charset=iso-2022-jp", &fill(size, "\x1b$B\x1b(B"))),
        ("shifts", typed("text/plain; charset=utf-7", &fill(size, "+AOQ-"))),
        ("open shifts", typed("text/plain; charset=utf-7", &fill(size, "+"))),
        ("tildes", typed("text/plain; charset=hz-gb-2312", &fill(size, "~{"))),
        ("flowed", typed("text/plain; format=flowed", &fill(size, "x \r\n"))),
        ("flowed quotes", typed("text/plain; format=flowed", &fill(size, "> x \r\n>> y \r\n"))),
        ("calendar", typed("text/calendar", &fill(size, "SUMMARY:x\\n\r\n y\r\n"))),
        (
            "uuencode",
            with("Content-Transfer-Encoding: x-uuencode", &format!("begin 644 x\n{}", fill(size, "M\n"))),
        ),
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

fn pages(size: usize) -> Vec<(&'static str, String)> {
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
    pieces.iter().map(|piece| (*piece, typed("text/html; charset=utf-8", &fill(size, piece)))).collect()
}

/// All of one kind are explained at full size, and none costs too much at a size that can be counted.
fn check(bombs: fn(usize) -> Vec<(&'static str, String)>) {
    let house = House::new();
    let usual = well_formed(LARGE);
    let (small, large) = (bombs(SMALL), bombs(LARGE));
    // One file of each: to serve it is one request, and costs what it costs to read the mail.
    let explain = |raw: &str| assert!(house.explains_with(raw.as_bytes(), 1), "the parser failed");
    let mut mails = vec![usual.as_str()];
    mails.extend(small.iter().zip(&large).flat_map(|((_, s), (_, l))| [s.as_str(), l.as_str()]));
    // What is made once for all mails is no work of one of them.
    explain(&usual);
    if let Some(counts) = counted::instructions(&mails, explain) {
        let inputs = large.iter().map(|(name, raw)| format!("{name}: {:?}", raw.get(60..120)));
        counted::assert_linear(&counts, &inputs.collect::<Vec<_>>());
        for (name, raw) in bombs(FULL) {
            assert!(house.explains(raw.as_bytes()), "{name}");
        }
    }
}

#[test]
fn structures() {
    check(structure);
}

#[test]
fn headers() {
    check(heads);
}

#[test]
fn texts() {
    check(words);
}

#[test]
fn t49_html() {
    check(pages);
}

/// Ten times the input for less than fifteen times the work.
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
    let mail = |piece: &str, size: usize| {
        let value = piece.repeat(size / piece.len());
        format!(
            "From: {value}\r\nTo: {value}\r\nSubject: {value}\r\nReferences: {value}\r\n\
             Content-Type: {value}\r\n\r\nx"
        )
    };
    let mails: Vec<String> = pieces.iter().flat_map(|p| [mail(p, 3_000), mail(p, 30_000)]).collect();
    let read = |raw: &str| assert!(!parse(raw.as_bytes()).defects.is_empty(), "{raw:.80}");
    read(&mails[0]);
    let mails: Vec<&str> = mails.iter().map(String::as_str).collect();
    let Some(counts) = counted::instructions(&mails, read) else { return };
    for (piece, counts) in pieces.iter().zip(counts.chunks(2)) {
        assert!(counts[1] < counts[0] * 15, "{piece:?}: {} and {} instructions", counts[0], counts[1]);
    }
}
