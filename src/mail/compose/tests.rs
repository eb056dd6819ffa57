//! Letters compared as text, and hostile values that must not get out of their line.

use super::*;
use crate::mail::address::MessageId;

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
        files: Vec::new(),
    }
}

fn check(letter: &Outbound, wanted: &[&str]) {
    let bytes = compose(letter);
    assert!(is_well_formed(&bytes));
    let text = String::from_utf8(bytes).expect("ASCII");
    for piece in wanted {
        assert!(text.contains(piece), "{piece:?} not in\n{text}");
    }
}

#[test]
fn a_plain_letter_as_a_whole() {
    let wanted = "Date: Mon, 23 Nov 2026 08:04:05 +0000\r\nFrom: \"Desk, Team\" <support@desk.example>\r\nTo: alice@example.com\r\n\
        Subject: Re: hello [DESK-1]\r\nMessage-ID: <1.2@desk.example>\r\nX-Maildesk-Loop: i.mac\r\nMIME-Version: 1.0\r\n\
        Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        Hi =3D\r\n=2E\r\n=46rom us\r\nend=20\r\n";
    let bytes = compose(&letter("Re: hello [DESK-1]", "Desk, Team", "Hi =\n.\nFrom us\nend "));
    assert_eq!(String::from_utf8_lossy(&bytes), wanted);
}

#[test]
fn names_and_subjects() {
    check(&letter("a", "Ann Lee", "x"), &["From: Ann Lee <support@desk.example>\r\n"]);
    check(&letter("a", "a\r\nBcc: x@y", "x"), &["From: \"a Bcc: x@y\" <"]);
    check(&letter("Größe", "x", "x"), &["Subject: =?UTF-8?B?R3LDtsOfZQ==?=\r\n"]);
    check(&letter("=?utf-8?q?x?=", "x", "x"), &["Subject: =?UTF-8?"]);
    check(&letter("", "", "x"), &["Subject: \r\n", "From: support@desk.example\r\n"]);
}

#[test]
fn subjects_decode_to_themselves() {
    let long = "длинная тема письма ".repeat(20);
    let run = "x".repeat(3000);
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
        assert_eq!(crate::mail::parse::parse(&bytes).subject, line.as_str());
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

#[test]
fn t43_files_and_extra_fields() {
    let mut mail = letter("a", "b", "x");
    mail.html = Some("<p>x</p>".to_owned());
    mail.extra = vec![
        ("X-A".into(), Line::clean("1")),
        ("Bcc".into(), Line::clean("e@e")),
        ("X\r\nBcc".into(), Line::clean("e")),
    ];
    let file = |name: &str, kind: &str, id: Option<&str>| OutFile {
        filename: Line::clean(name),
        media_type: kind.to_owned(),
        data: b"data".to_vec(),
        content_id: id.and_then(MessageId::parse),
    };
    mail.files = vec![
        file("ä\".png", "image/png", Some("i@x")),
        file("e.html", "text/html", Some("j@x")),
        file("c", "a/b\r\nX: y", None),
    ];
    check(
        &mail,
        &[
            "X-A: 1\r\n",
            "multipart/mixed",
            "multipart/related",
            "multipart/alternative",
            "Content-ID: <i@x>\r\nContent-Disposition: inline",
            "filename=\"__.png\"",
            "filename*=UTF-8''%C3%A4%22.png",
            "Content-Type: text/html\r\nContent-Disposition: attachment",
            "Content-Type: application/octet-stream",
        ],
    );
    assert!(!String::from_utf8_lossy(&compose(&mail)).contains("Bcc"));
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
