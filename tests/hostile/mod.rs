//! Mails that a careless reader looks at again and again: pieces repeated in every field, in words, in parts
//! and in reports; of any size.

use crate::counted::LARGE;

/// Every field that a reader asks for by its name, in groups, so that they are counted beside one another.
/// `t122_every_field_that_is_read_is_counted` finds a name that is missing.
pub const ADDRESSES: [&str; 10] = [
    "From",
    "To",
    "Cc",
    "Reply-To",
    "Sender",
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "Return-Path",
    "X-Failed-Recipients",
];
pub const IDS: [&str; 7] =
    ["Message-ID", "In-Reply-To", "References", "X-Maildesk-Loop", "List-Id", "Content-ID", "Date"];
pub const PROOFS: [&str; 7] = [
    "Authentication-Results",
    "DKIM-Signature",
    "ARC-Seal",
    "ARC-Message-Signature",
    "ARC-Authentication-Results",
    "Received",
    "Received-SPF",
];
pub const OTHERS: [&str; 10] = [
    "Subject",
    "Content-Type",
    "Content-Disposition",
    "Content-Transfer-Encoding",
    "MIME-Version",
    "Auto-Submitted",
    "Precedence",
    "X-Auto-Response-Suppress",
    "Feedback-ID",
    "X-Odd",
];

pub const MACHINES: [&str; 6] = [
    "X-Autoreply",
    "X-Apple-Action",
    "X-MS-Exchange-Generated-Message-Source",
    "X-MS-Exchange-Inbox-Rules-Loop",
    "List-Unsubscribe",
    "Mailing-List",
];

/// What a field begins with, so that a reader goes on to what is repeated.
fn start(field: &str) -> &'static str {
    match field {
        "From" | "To" | "Cc" | "Reply-To" | "Sender" => "a@far.example (",
        "Authentication-Results" => "mx.near.example; dkim=pass header.x=",
        "ARC-Authentication-Results" => "i=1; mx.near.example; dkim=pass header.x=",
        "DKIM-Signature" => {
            "v=1; a=rsa-sha256; d=far.example; s=a; h=from:to:subject:date; bh=eA==; b=eA==; z="
        }
        "Message-ID" | "In-Reply-To" | "References" => "<a@far.example> <",
        "Content-Type" => "text/plain; charset=utf-8; name=",
        "Content-Disposition" => "attachment; filename=",
        _ => "",
    }
}

pub const PIECES: [&str; 5] = ["(fwd)", "= x=", "a=b;", "(\"", "<a@b>,"];
/// Fields with readers of their own, in which each piece is counted by itself; in the others all pieces
/// together.
const DEAR: [&str; 6] =
    ["From", "Subject", "References", "Authentication-Results", "DKIM-Signature", "List-Id"];

/// Pieces over and over in each field, the other fields as usual.
pub fn fields(names: &[&str], size: usize) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for field in names {
        for (place, begin) in ["", start(field)].into_iter().enumerate() {
            if place == 1 && begin.is_empty() {
                continue;
            }
            let is_begun = place == 1 || start(field).is_empty();
            let pieces = match is_begun && DEAR.contains(field) {
                true => PIECES.map(str::to_owned).to_vec(),
                false => vec![PIECES.concat()],
            };
            for piece in pieces {
                let value = piece.repeat(size / piece.len());
                out.push((
                    format!("{field}: {begin}{piece}"),
                    beside(field, &format!("{field}: {begin}{value}\r\n")),
                ));
            }
        }
        // The field itself over and over.
        let line = format!("{field}: {}a@far.example\r\n", start(field));
        out.push((format!("{field}, repeated"), beside(field, &line.repeat(size / line.len()))));
    }
    out
}

/// These lines, and the usual fields but for this one.
fn beside(field: &str, lines: &str) -> String {
    let usual =
        [("From", "Ann <a@far.example>"), ("Subject", "x"), ("Date", "Mon, 2 Nov 2026 09:00:00 +0000")];
    let usual: String = usual
        .iter()
        .filter(|(name, _)| *name != field)
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    format!("{lines}Received: by mx\r\n{usual}\r\nHello\r\n")
}

/// Spaces and then signs: a reader that looks back over the spaces at each sign makes a square. And many
/// fields that nobody knows.
pub fn odd_heads(size: usize) -> Vec<(String, String)> {
    let (spaces, signs) = (" ".repeat(size / 2), "=".repeat(size / 2));
    let stamp = format!("mx.near.example; dkim=pass header.b={spaces}x{signs}");
    let spaced = beside("", &format!("Authentication-Results: {stamp}\r\n"));
    // More than are read.
    let many = "X:y\r\n".repeat(size / 5);
    let folded = beside("Subject", &format!("Subject: x\r\n{}", " y\r\n".repeat(size / 4)));
    vec![
        ("Authentication-Results: spaces and signs".to_owned(), spaced),
        ("many fields".to_owned(), beside("", &many)),
        ("a folded field".to_owned(), folded),
    ]
}

/// Bodies whose words are commands, quotations of the conversation, addresses of staff and names of files.
pub fn bodies(size: usize) -> Vec<(String, String)> {
    let pieces = [
        "#note\n",
        "#tag +a -b\n",
        "> the printer on the second floor makes a noise.\n",
        ">\n",
        "staff@near.example ",
        "<>&\"",
        "a\n\n",
    ];
    let mut out: Vec<(String, String)> = pieces
        .iter()
        .map(|piece| (format!("body: {piece:?}"), mail_of(&piece.repeat(size / piece.len()))))
        .collect();
    let lines: String = (0..size / 30).map(|n| format!("> a line that nobody wrote {n}\n")).collect();
    out.push(("body: lines of a quotation, each another".to_owned(), mail_of(&lines)));
    out.push(("pictures beside tags that do not end".to_owned(), pictures(size)));
    let lines: String = (0..size / 20).map(|n| format!("#cc a{n}@b.example\n")).collect();
    out.push(("body: commands, each another".to_owned(), mail_of(&lines)));
    out
}

/// Many pictures, and HTML in which each tag begins and none ends.
fn pictures(size: usize) -> String {
    let tags = "<div ".repeat(size / 10);
    let html = format!("--b\r\nContent-Type: text/html\r\n\r\n<p>x<img src=cid:0>{tags}\r\n");
    let picture = |n| format!("--b\r\nContent-Type: image/png\r\nContent-ID: <{n}>\r\n\r\nx\r\n");
    let pictures: String = (0..size / 120).map(picture).collect();
    let head = "From: a@far.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; \
                boundary=b\r\n\r\n";
    format!("{head}{html}{pictures}--b--\r\n")
}

/// Bodies for the readers of HTML, of parts, of encodings and of reports.
pub fn readers(size: usize) -> Vec<(String, String)> {
    let typed = |kind: &str, body: &str| {
        format!(
            "From: Ann <a@far.example>\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
             Content-Type: {kind}\r\n\r\n{body}\r\n"
        )
    };
    let fill = |piece: &str| piece.repeat(size / piece.len());
    let mut out = Vec::new();
    for piece in
        ["<div>", "<b><i>", "<blockquote>", "<table><td>", "&lt;", "<!--", "<p style=display:none>#x</p>"]
    {
        out.push((format!("HTML: {piece}"), typed("text/html", &fill(piece))));
    }
    let open = "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
    out.push(("parts in parts".to_owned(), typed("multipart/mixed; boundary=b", &fill(open))));
    let file = "--b\r\nContent-Type: text/plain; name=a.txt\r\n\r\nx\r\n";
    out.push(("many files".to_owned(), typed("multipart/mixed; boundary=b", &fill(file))));
    for coding in ["base64", "quoted-printable", "x-uuencode"] {
        let kind = format!("text/plain\r\nContent-Transfer-Encoding: {coding}");
        out.push((coding.to_owned(), typed(&kind, &fill("=3D=\r\nQUJD\r\n"))));
    }
    for charset in ["utf-16", "iso-2022-jp", "utf-7", "unknown"] {
        out.push((
            charset.to_owned(),
            typed(&format!("text/plain; charset={charset}"), &fill("+AGE-\u{1b}$B")),
        ));
    }
    out
}

/// Reports: each recipient has words of its own to be looked through, and all of them share them.
pub fn reports(size: usize) -> Vec<(String, String)> {
    let frame = "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: desk@desk.example\r\nSubject: ";
    let listed =
        |line: &dyn Fn(usize) -> String| (0..size / line(10_000).len()).map(line).collect::<String>();
    let prose = |words: &str| {
        format!("{frame}failure notice\r\n\r\nHi. This is the qmail-send program.\r\n\r\n{words}")
    };
    let fields = listed(&|n| format!("Final-Recipient: rfc822; a{n:05}@b.example\r\nAction: failed\r\n\r\n"));
    let named = listed(&|n| format!("a{n:05}@b.example was not reached\r\n"));
    let both = format!(
        "{frame}x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; \
         boundary=b\r\n\r\n--b\r\n\r\n{named}\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.example\r\n\r\n{fields}--b--\r\n"
    );
    let many = format!(
        "{frame}x\r\nX-Failed-Recipients: {}\r\n\r\nIt could not be delivered.\r\n",
        listed(&|n| format!("a{n:05}@b.example, "))
    );
    vec![
        (
            "a report in prose, without codes".to_owned(),
            prose(&listed(&|n| format!("<a{n:05}@b.example>:\r\nno\r\n\r\n"))),
        ),
        (
            "a report in prose, with codes".to_owned(),
            prose(&listed(&|n| format!("<a{n:05}@b.example>:\r\n550 5.1.1 no\r\n\r\n"))),
        ),
        ("a report of fields without a reason".to_owned(), both),
        ("recipients in a field".to_owned(), many),
    ]
}

pub fn mail_of(body: &str) -> String {
    let body = body.replace('\n', "\r\n");
    format!("From: Ann <a@far.example>\r\nSubject: x\r\nReceived: by mx\r\n\r\nHello\r\n\r\n{body}\r\n")
}

/// As people write: the whole of it words.
pub fn usual() -> String {
    mail_of(
        &"The printer on the second floor makes a noise like a train and then stops.\n".repeat(LARGE / 75),
    )
}
