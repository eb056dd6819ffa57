//! Letters compared as text, and hostile values that must not get out of their line.

use super::{attach, compose, is_well_formed};
use crate::mail::address::{AddrSpec, MessageId};
use crate::mail::line::Line;
use crate::mail::outbound::{OutFile, Outbound};
use crate::mail::parse::{attachment, parse};

fn letter(subject: &str, name: &str, text: &str) -> Outbound {
    Outbound {
        from_name: Line::clean(name),
        from: AddrSpec::parse("support@desk.example").expect("an address"),
        to_name: Line::default(),
        to: AddrSpec::parse("alice@example.com").expect("an address"),
        reply_to: None,
        subject: Line::clean(subject),
        message_id: MessageId::parse("<1.2@desk.example>").expect("an id"),
        in_reply_to: None,
        references: Vec::new(),
        date: 1_795_421_045,
        auto_submitted: None,
        precedence: None,
        suppress: false,
        list_id: None,
        list_unsubscribe: None,
        loop_mark: Line::clean("i.mac"),
        extra: Vec::new(),
        text: text.to_owned(),
        html: None,
    }
}

fn check(letter: &Outbound, wanted: &[&str]) {
    check_bytes(compose(letter), wanted);
}

fn check_bytes(bytes: Vec<u8>, wanted: &[&str]) {
    assert!(is_well_formed(&bytes));
    let text = String::from_utf8(bytes).expect("ASCII");
    for piece in wanted {
        assert!(text.contains(piece), "{piece:?} not in\n{text}");
    }
}

#[test]
fn a_plain_letter_as_a_whole() {
    let wanted = "Date: Mon, 23 Nov 2026 08:04:05 +0000\r\nFrom: \"Desk, Team\" <support@desk.example>\r\n\
        To: alice@example.com\r\n\
        Subject: Re: hello [DESK-1]\r\nMessage-ID: <1.2@desk.example>\r\nX-Maildesk-Loop: i.mac\r\n\
        MIME-Version: 1.0\r\n\
        Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        Hi =3D\r\n=2E\r\n=46rom us\r\nend=20\r\n";
    let bytes = compose(&letter("Re: hello [DESK-1]", "Desk, Team", "Hi =\n.\nFrom us\nend "));
    assert_eq!(String::from_utf8_lossy(&bytes), wanted);
}

#[test]
fn names_and_subjects() {
    check(&letter("a", "Ann Lee", "x"), &["From: Ann Lee <support@desk.example>\r\n"]);
    check(&letter("a", "a\r\nBcc: x@y", "x"), &["From: \"a Bcc: x@y\" <"]);
    check(&letter("Größe", "x", "x"), &["Subject: =?utf-8?B?R3LDtsOfZQ==?=\r\n"]);
    check(&letter("=?utf-8?q?x?=", "x", "x"), &["Subject: =?utf-8?B?PT91dGYtOD9xP3g/PQ==?=\r\n"]);
    check(&letter("", "", "x"), &["Subject: \r\n", "From: support@desk.example\r\n"]);
}

#[test]
fn subjects_decode_to_themselves() {
    let long = "длинная тема письма ".repeat(20);
    let run = "x".repeat(900);
    for subject in [
        "",
        "plain words",
        long.as_str(),
        run.as_str(),
        "日本語の件名がここにあります、とても長いものです",
        "=?utf-8?q?=0A?=",
        "a 😀 b = _ ?",
    ] {
        let line = Line::clean(subject);
        let bytes = compose(&letter(subject, subject, "x"));
        assert!(is_well_formed(&bytes));
        assert!(bytes.split(|&b| b == b'\n').all(|l| l.len() <= 79), "{subject}");
        assert_eq!(parse(&bytes).subject, line.as_str());
    }
}

#[test]
fn t42_bodies_never_smuggle() {
    check(
        &letter("a", "b", "\n.\nMAIL FROM:<x>\r.\rdot"),
        &["\r\n\r\n=2E\r\nMAIL FROM:<x>\r\n=2E\r\ndot\r\n"],
    );
    check(&letter("a", "b", &"слово ".repeat(40)), &["Content-Transfer-Encoding: base64\r\n"]);
}

/// T42: whatever stands at the begin of a line, and wherever a long line is broken.
#[test]
fn t42_no_line_of_a_body_begins_as_something_else() {
    let dots = ".".repeat(400);
    let dashes = "-".repeat(76);
    let from = format!("{}From me to you, From {}", "x".repeat(75), "ü".repeat(60));
    let dotted_escapes = format!(".{}", "=".repeat(60));
    let all = [".", "..", "--", "-- ", "From x", "a", dots.as_str(), &dashes, &from, &dotted_escapes];
    for first in all {
        for second in all {
            let text = format!("{first}{second}\n{second}");
            let bytes = compose(&letter("a", "b", &text));
            let body = bytes.windows(4).position(|w| w == b"\r\n\r\n").expect("a body") + 4;
            for line in bytes[body..].split(|&b| b == b'\n').map(<[u8]>::trim_ascii_end) {
                assert!(line.len() <= 76, "{text:?}: {}", String::from_utf8_lossy(line));
                let plain =
                    !line.starts_with(b".") && !line.starts_with(b"--") && !line.starts_with(b"From ");
                assert!(plain, "{text:?}: {}", String::from_utf8_lossy(line));
            }
            assert_eq!(decoded(&bytes), format!("{text}\r\n").replace("\r\n", "\n"));
        }
    }
}

/// A control that no clean text holds arrives as it is, and the letter stays well-formed.
#[test]
fn a_control_does_not_spoil_a_letter() {
    let bytes = compose(&letter("a", "b", "a\u{1}b\u{7f}\0"));
    assert!(is_well_formed(&bytes));
    assert_eq!(decoded(&bytes), "a\u{1}b\u{7f}\0\n");
}

/// The text of a letter with one part, decoded by another reader than ours, in LF lines.
fn decoded(bytes: &[u8]) -> String {
    let mail = mail_parser::MessageParser::default().parse(bytes).expect("a mail");
    mail.parts[0].text_contents().expect("a text").replace("\r\n", "\n")
}

/// The same letter gives the same bytes, at any time and on any machine; another one has other boundaries.
#[test]
fn composing_is_repeatable() {
    let mut mail = letter("a", "b", "x");
    mail.html = Some("<p>x</p>".to_owned());
    let bytes = compose(&mail);
    assert_eq!(compose(&mail), bytes);
    let text = String::from_utf8(bytes).expect("ASCII");
    let boundary = "boundary=\"=_d9574e3b8a7042b7d912111598e0ff39\"";
    assert!(text.contains(boundary), "{text}");
    mail.message_id = MessageId::parse("<2.2@desk.example>").expect("an id");
    assert!(!String::from_utf8(compose(&mail)).expect("ASCII").contains(boundary));
}

/// STANDARDS, RFC 2231: the name comes back whole, and is ASCII for who reads no more.
#[test]
fn file_names_come_back() {
    let long = "Überweisungsträger für das Jahr 2026 ".repeat(3);
    for name in ["ä\".png", "Rechnung 5.pdf", "größe.pdf", "日本語の請求書.pdf", "a'b%20c*.txt", long.trim()]
    {
        let mail = letter("a", "b", "x");
        let file = OutFile {
            filename: Line::clean(name),
            media_type: "application/pdf".to_owned(),
            data: b"%PDF".repeat(100),
        };
        let bytes = attach(&compose(&mail), vec![file]);
        assert!(String::from_utf8_lossy(&bytes).contains("filename=\""), "{name}");
        let back = parse(&bytes).attachments.remove(0);
        assert_eq!(attachment(&bytes, back.part).expect("the file"), b"%PDF".repeat(100));
        assert_eq!(back.filename, name.replace(['"', '*'], "_"), "as it would be stored (T51)");
        let text = String::from_utf8_lossy(&bytes);
        assert_eq!(text.contains("\r\n filename*=UTF-8''"), !name.is_ascii(), "{text}");
    }
}

#[test]
fn t43_files_and_extra_fields() {
    let mut mail = letter("a", "b", "x");
    mail.html = Some("<p>x</p>".to_owned());
    mail.extra = vec![
        ("X-A".into(), Line::clean("1")),
        ("Bcc".into(), Line::clean("e@e")),
        ("X\r\nBcc".into(), Line::clean("e")),
    ];
    let file = |name: &str, kind: &str| OutFile {
        filename: Line::clean(name),
        media_type: kind.to_owned(),
        data: b"data".to_vec(),
    };
    let files = [file("ä\".png", "image/png"), file("e.html", "text/html"), file("c", "a/b\r\nX: y")];
    let bytes = attach(&compose(&mail), files.to_vec());
    check_bytes(
        bytes.clone(),
        &[
            "X-A: 1\r\n",
            "multipart/mixed",
            "multipart/alternative",
            "filename=\"__.png\"",
            "filename*=UTF-8''%C3%A4%22.png",
            "Content-Type: text/html\r\nContent-Disposition: attachment",
            "Content-Type: application/octet-stream",
        ],
    );
    assert!(!String::from_utf8_lossy(&bytes).contains("Bcc"));
    assert_eq!(
        attach(&compose(&mail), files.to_vec()),
        bytes,
        "the same letter and files give the same bytes"
    );
    assert_eq!(attach(&compose(&mail), Vec::new()), compose(&mail));
}

#[test]
fn the_checker_refuses() {
    let good = "Date: x\r\nFrom: x\r\nTo: x\r\nSubject: x\r\nMessage-ID: x\r\n\r\nbody\r\n";
    assert!(is_well_formed(good.as_bytes()));
    for bad in [
        good.replace("body", "bo\ndy"),
        good.replace("body", "bo\rdy"),
        good.replace("body", "bödy"),
        good.replace("To: x\r\n", ""),
        good.replace("To: x", "To: x\r\nTo: y"),
        good.replace("To: x", "Bcc: y\r\nTo: x"),
        good.replace("body\r\n", "body"),
        good.replace("body", &"x".repeat(999)),
    ] {
        assert!(!is_well_formed(bad.as_bytes()), "{bad:?}");
    }
}

/// T115: a letter with large files is made in one buffer that never grows, whatever their sizes.
#[test]
fn t115_files_are_encoded_straight_into_the_letter() {
    for size in [0, 1, 56, 57, 58, 300_000] {
        let file = |n: u8| OutFile {
            filename: Line::clean("a.bin"),
            media_type: "application/octet-stream".to_owned(),
            data: vec![n; size],
        };
        let bytes = attach(&compose(&letter("a", "b", "x")), vec![file(1), file(2)]);
        let back = parse(&bytes).attachments;
        let data: Vec<_> = back.iter().map(|f| attachment(&bytes, f.part).expect("a file")).collect();
        assert_eq!(data, [vec![1; size], vec![2; size]]);
        assert!(bytes.capacity() <= size * 2 * 14 / 10 + 4_000, "{} for {size}", bytes.capacity());
    }
}
