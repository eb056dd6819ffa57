//! What THREATS.md asks of a parser, each test named after its row: here the header, the structure and the
//! characters.

mod content;

use super::*;

const HEAD: &str =
    "From: Ann <a@b.example>\r\nDate: Mon, 1 Jan 2024 10:00:00 +0100\r\nMessage-ID: <1@b.example>\r\n";

fn mail(rest: &str) -> Inbound {
    parse(format!("{HEAD}{rest}").as_bytes())
}

fn sender(from: &str) -> Inbound {
    parse(
        format!("{from}\r\nDate: Mon, 1 Jan 2024 10:00:00 +0100\r\nMessage-ID: <1@b.example>\r\n\r\nx")
            .as_bytes(),
    )
}

fn has(mail: &Inbound, defect: &str) -> bool {
    mail.defects.contains(&defect)
}

/// Every derived text of a mail.
fn texts(mail: &Inbound) -> Vec<&str> {
    let mut all = vec![
        mail.subject.as_str(),
        mail.from.name(),
        &mail.words.text,
        &mail.words.quoted,
        &mail.words.signature,
    ];
    all.extend(mail.html.as_deref());
    all.extend(mail.to.iter().flat_map(|m| [m.name.as_str(), &m.address]));
    all.extend(
        mail.attachments
            .iter()
            .flat_map(|a| [a.filename.as_str(), &a.media_type, a.content_id.as_deref().unwrap_or("")]),
    );
    all
}

#[test]
fn t07_a_name_is_never_an_address() {
    for (from, name, flagged) in [
        ("From: \"boss@corp.example\" <x@evil.example>", "boss@corp.example", true),
        ("From: \"boss\u{ff20}corp.example\" <x@evil.example>", "boss\u{ff20}corp.example", true),
        ("From: =?utf-8?q?boss=40corp=2Eexample?= <x@evil.example>", "boss@corp.example", true),
        ("From: \"x@evil.example\" <x@evil.example>", "x@evil.example", false),
        ("From: \"\u{202e}ssob\u{202c}\" <x@evil.example>", "ssob", false),
        ("From: B\u{200b}o\u{2060}ss <x@evil.example>", "Boss", false),
        ("From: \"a\r\n\tb\" <x@evil.example>", "a b", false),
    ] {
        let mail = sender(from);
        assert_eq!((mail.from.name(), has(&mail, "address-in-name")), (name, flagged), "{from:?}");
        assert_eq!(mail.from.address().map(AddrSpec::as_str), Some("x@evil.example"), "{from:?}");
    }
}

#[test]
fn t08_nobody_becomes_staff_by_encoding() {
    for from in [
        "=?utf-8?b?c3RhZmZAZGVzay5leGFtcGxlAA==?=@evil.example",
        "=?utf-8?q?staff=40desk.example=00?=@evil.example",
        "\"staff@desk.example\"@evil.example",
        "staff@desk.example(@evil.example",
        "staff@desk.example\0@evil.example",
        "<staff@desk.example>@evil.example",
        "staff@desk.example@evil.example",
        "<staff(x)@desk.example>",
        "<staff @desk.example>",
        "\"staff\"@desk.example",
        "=?utf-8?q?x?= <=?utf-8?q?staff=40desk.example?=>",
        "staff@desk.example, x@evil.example",
        "staff@desk.example <x@evil.example>",
        "x@evil.example; staff@desk.example",
    ] {
        let mail = sender(&format!("From: {from}"));
        let address = mail.from.address().map(AddrSpec::as_str);
        assert!(matches!(address, None | Some("x@evil.example")), "{from:?} is {address:?}");
        assert!(address.is_some() || has(&mail, "unclear-from"), "{from:?}: {:?}", mail.defects);
    }
}

#[test]
fn t09_one_field_with_one_mailbox_or_none() {
    for from in [
        "From: staff@desk.example\r\nFrom: x@evil.example",
        "From: staff@desk.example\r\nFROM: staff@desk.example",
        "From : staff@desk.example\r\nfrom: x@evil.example",
        "From:\r\nFrom: staff@desk.example",
        "From: staff@desk.example\r\nFrom\r\n : x@evil.example",
        "From: <x@evil.example>:<staff@desk.example>",
        "From: staff: x@evil.example, y@evil.example;",
        "From: staff@desk.example, staff@desk.example",
        "From: <@evil.example:staff@desk.example>",
    ] {
        assert_eq!(sender(from).from.address(), None, "{from:?}");
    }
    // A first line that begins with white space is no field of its own, and no From hides behind it.
    let folded = parse(b" From: staff@desk.example\r\nSubject: x\r\n\r\ny");
    assert_eq!((folded.from.address(), has(&folded, "folded-first-line")), (None, true));
}

#[test]
fn t16_look_alikes_are_other_persons_or_nobody() {
    let key =
        |address: &str| sender(&format!("From: {address}")).from.address().map(|a| a.as_str().to_owned());
    let mike = Some("mike@desk.example".to_owned());
    assert_eq!(key("MIKE@Desk.Example"), mike);
    for other in
        ["mike@desk.exampIe", "m\u{131}ke@desk.example", "mike@\u{217e}esk.example", "mike@xn--example-.org"]
    {
        assert_ne!(key(other), mike, "{other}");
    }
    assert_eq!(key("mike@\u{217e}esk.example"), None);
    assert!(has(&sender("From: mike@d\u{435}sk.example"), "mixed-script-domain"));
}

#[test]
fn t34_a_reader_that_panics_costs_one_mail() {
    let raw = b"From: a@b.example\r\n\r\npoison";
    let held = safely(raw, |_| panic!("as if the reader had a bug"));
    assert_eq!((held.defects.as_slice(), held.size), (["parser-failed"].as_slice(), raw.len() as u64));
    assert_eq!(held.content_hash, <[u8; 32]>::from(Sha256::digest(raw)));
    assert!(!has(&parse(raw), "parser-failed"));
}

#[test]
fn t37_too_many_parts_become_a_mail_with_a_note() {
    let many = mail(&format!(
        "Subject: bomb\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{}",
        "--b\r\n\r\n".repeat(200_000)
    ));
    assert_eq!((many.subject.as_str(), has(&many, "too-many-parts")), ("bomb", true));
    assert!(many.attachments.is_empty());
    let file = "--b\r\nContent-Type: image/png\r\n\r\nx\r\n";
    let files = mail(&format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}--b--", file.repeat(150)));
    assert_eq!((files.attachments.len(), has(&files, "too-many-attachments")), (100, true));
    let deep: String =
        (0..21).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n")).collect();
    assert!(has(&mail(&format!("Subject: deep\r\n{deep}\r\nwords")), "too-deep"));
}

#[test]
fn t38_headers_are_bounded() {
    let long = mail(&format!("Subject: {}\r\n\r\nx", "a ".repeat(300_000)));
    assert!(has(&long, "header-too-long"));
    let many = mail(&format!("{}\r\nx", "X: y\r\n".repeat(3000)));
    assert!(has(&many, "too-many-fields"));
    let to = mail(&format!("To: {}\r\n\r\nx", "a@b.example, ".repeat(15_000)));
    assert_eq!(to.to.len(), 200);
    let ids = mail(&format!(
        "References: {}\r\n\r\nx",
        (0..9000).map(|n| format!("<{n}@b>\r\n ")).collect::<String>()
    ));
    assert_eq!(ids.references.len(), 100);
    assert_eq!((ids.references[0].as_str(), ids.references[99].as_str()), ("0@b", "8999@b"));
}

#[test]
fn t40_no_control_in_any_text() {
    let hostile = "a\0b\u{1}c\u{1b}[31md\u{7f}e\u{85}f\u{202e}g\u{2066}h\u{200f}i\u{feff}j\u{fffe}k";
    let name: String = hostile.bytes().map(|b| format!("%{b:02X}")).collect();
    let word: String = hostile.bytes().map(|b| format!("={b:02X}")).collect();
    let raw = format!(
        "From: =?utf-8?q?{word}?= <a@b.example>\r\nTo: =?utf-8?q?{word}?= <{hostile}@b.example>\r\n\
            Subject: {hostile} =?utf-8?q?{word}?=\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\
         \r\n{hostile}\r\n\
         --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
         <p title=\"{hostile}\">{hostile}&#0;&#x202e;&#27;</p>\r\n\
         --b\r\nContent-Type: image/png; name*=utf-8''{name}\r\nContent-ID: <{hostile}>\r\n\r\nx\r\n--b--\r\n"
    );
    let mail = parse(raw.as_bytes());
    assert_eq!(mail.attachments.len(), 1);
    for text in texts(&mail) {
        let bad = |c: char| {
            (c.is_control() && c != '\t' && c != '\n') || matches!(c, '\u{200f}' | '\u{202e}' | '\u{2066}')
        };
        assert!(!text.contains(bad), "{text:?}");
        assert!(
            text.is_empty() || text == "image/png" || text.contains('k') || text.contains("b.example"),
            "{text:?}"
        );
    }
}

#[test]
fn t40_every_label_decodes() {
    let labels = [
        "utf-8",
        "utf-16",
        "utf-16le",
        "utf-7",
        "iso-8859-1",
        "iso-8859-2",
        "iso-8859-3",
        "iso-8859-4",
        "iso-8859-5",
        "iso-8859-6",
        "iso-8859-7",
        "iso-8859-8",
        "iso-8859-8-i",
        "iso-8859-9",
        "iso-8859-10",
        "iso-8859-11",
        "iso-8859-13",
        "iso-8859-14",
        "iso-8859-15",
        "iso-8859-16",
        "koi8-r",
        "koi8-u",
        "macintosh",
        "x-mac-cyrillic",
        "windows-874",
        "windows-1250",
        "windows-1251",
        "windows-1252",
        "windows-1253",
        "windows-1254",
        "windows-1255",
        "windows-1256",
        "windows-1257",
        "windows-1258",
        "ibm866",
        "gbk",
        "gb2312",
        "gb18030",
        "big5",
        "euc-jp",
        "iso-2022-jp",
        "shift_jis",
        "euc-kr",
        "iso-2022-kr",
        "iso-2022-cn",
        "hz-gb-2312",
        "us-ascii",
        "x-user-defined",
        "x-unknown",
        "no such charset",
        "'; drop",
        "",
    ];
    for label in labels {
        let mut raw =
            format!("{HEAD}Content-Type: text/plain; charset=\"{label}\"\r\n\r\nplain ").into_bytes();
        raw.extend(0x20..=0xff_u8);
        let mail = parse(&raw);
        assert!(
            label.contains("16") && !label.starts_with("iso") || mail.words.text.starts_with("plain"),
            "{label}: {:?}",
            mail.words
        );
        assert!(!mail.words.text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{label}");
    }
}

#[test]
fn t41_odd_line_ends_are_one_mail_and_flagged() {
    for raw in [
        "From: a@b.example\r\nSubject: x\n\r\nbody",
        "From: a@b.example\nSubject: x\r\n\r\nbody",
        "From: a@b.example\rFrom: staff@desk.example\r\nSubject: x\r\n\r\nbody",
    ] {
        let mail = parse(raw.as_bytes());
        assert!(has(&mail, "mixed-line-ends"), "{raw:?}: {:?}", mail.defects);
        assert_ne!(mail.from.address().map(AddrSpec::as_str), Some("staff@desk.example"));
    }
    for end in ["\n.\r\n", "\r\n.\n", "\r.\r", "\n.\n", "\r\n.\r"] {
        let mail = mail(&format!(
            "Subject: one\r\n\r\nfirst{end}MAIL FROM:<x@evil.example>\r\nFrom: staff@desk.example\r\n\r\n\
                second\r\n"
        ));
        assert_eq!(mail.from.address().map(AddrSpec::as_str), Some("a@b.example"), "{end:?}");
        assert!(
            mail.words.text.contains("first") && format!("{:?}", mail.words).contains("second"),
            "{end:?}"
        );
        assert!(has(&mail, "end-of-data-in-body"), "{end:?}: {:?}", mail.defects);
    }
    assert!(!has(&mail("\r\nfine\r\n.\r\nfine\r\n"), "end-of-data-in-body"));
}

/// T122: a subject has a bound, however it is written.
#[test]
fn t122_a_subject_has_a_bound() {
    for piece in ["(fwd)", "=?utf-8?q?=C3=A4?= ", "é", "word "] {
        let mail =
            parse(format!("From: a@b.example\r\nSubject: {}\r\n\r\nx", piece.repeat(10_000)).as_bytes());
        let length = mail.subject.chars().count();
        assert!((500..=1_000).contains(&length), "{piece}: {length}");
    }
}

/// What is odd is read all the same, and what one sender looks like to others is marked.
#[test]
fn t120_what_is_odd_costs_proof_and_not_the_sender() {
    let from = |m: &Inbound| m.from.address().map(|a| a.as_str().to_owned());
    let whole = format!("{HEAD}Subject: x\r\n\r\nwords\r\n");
    for mark in [
        "\u{feff}",
        "\u{feff}\u{feff}",
        "\u{feff}\r\n",
        "\u{feff}From x\r\n",
        "From x\r\n\u{feff}",
        "\u{ef}\u{bb}\u{bf}",
        "\r\n\r\n",
    ] {
        for raw in [format!("{mark}{whole}"), format!("{mark}{whole}").replace("\r\n", "\n")] {
            let mail = parse(raw.as_bytes());
            assert_eq!(
                (from(&mail), mail.words.text.as_str()),
                (Some("a@b.example".into()), "words"),
                "{raw:?}"
            );
            assert!(mail.defects.iter().all(|d| *d == "folded-first-line"), "{:?}", mail.defects);
            assert_eq!(mail.content_hash, parse(whole.as_bytes()).content_hash);
        }
    }
    for mark in [b"\xff\xfe", b"\xfe\xff"] {
        let mail = parse(&[mark.as_slice(), whole.as_bytes()].concat());
        assert_eq!(from(&mail), Some("a@b.example".into()), "UTF-16 that was converted and kept its mark");
    }
    for odd in [
        "hanako..y.@docomo.example",
        "Lee, Alice <a@b.example>",
        "Alice <a@b.example",
        "Alice <a@b.example>;",
        "=?utf-8?q?Alice_=3Ca=40b=2Eexample=3E?=",
    ] {
        let mail = sender(&format!("From: {odd}"));
        assert!(from(&mail).is_some() && has(&mail, "odd-from") && mail.is_oddly_headed(), "{odd}");
    }
    for fine in ["'a@b.example' <a@b.example>", "\"Lee, Alice\" <a@b.example>"] {
        assert!(!sender(&format!("From: {fine}")).is_oddly_headed(), "{fine}");
    }
    let cut =
        "Received: from a.example (a.example [192.0.2.1])\r\nby b.example with ESMTP for <x@y.example>\r\n";
    for head in [
        format!("{cut}{HEAD}"),
        format!("{HEAD}{cut}{cut}X-Spam: no\r\n"),
        format!("{HEAD}by odd words\r\nMessage-ID: <2@b.example>\r\n"),
    ] {
        let mail = parse(format!("{head}Subject: late\r\n\r\nwords\r\n").as_bytes());
        let got = (from(&mail), mail.subject.as_str(), mail.words.text.as_str(), mail.is_oddly_headed());
        assert_eq!(got, (Some("a@b.example".into()), "late", "words", true), "{head}");
    }
    // Words of a body are none of a header.
    let body = parse(
        format!("{HEAD}Dear desk and all\r\nName: Ann Lee\r\nFrom: Rome\r\n\r\nSubject: x\r\n").as_bytes(),
    );
    assert!(body.words.text.contains("Dear desk") && body.words.text.contains("Rome"), "{:?}", body.words);
}

/// Ids as other programs encode and escape them.
#[test]
fn t120_ids_are_read_as_they_were_meant() {
    for id in [
        "=?utf-8?q?=3Cq1=40desk=2Eexamp?=\r\n =?utf-8?q?le=3E?=",
        "=?utf-8?b?PHExQGRlc2suZXhhbXBsZT4=?=",
        "<=?utf-8?q?q1=40desk=2Eexample?=>",
        "&lt;q1@desk.example&gt;",
        "%3Cq1@desk.example%3E",
        "<<q1@desk.example>>",
        "<\r\n  <q1@desk.example>",
        "\"<q1@desk.example>\"",
        "q1@desk.example",
    ] {
        for name in ["In-Reply-To", "References"] {
            let mail = mail(&format!("{name}: {id}\r\n\r\nx"));
            let ids: Vec<&str> =
                mail.in_reply_to.iter().chain(&mail.references).map(MessageId::as_str).collect();
            assert_eq!(ids, ["q1@desk.example"], "{name}: {id}");
        }
    }
}
