//! Odd mails and what they become.

use super::*;

fn check(raw: &str, subject: &str, text: &str, defects: &[&str]) {
    for raw in [raw.to_owned(), raw.replace('\n', "\r\n")] {
        let mail = parse(raw.as_bytes());
        assert_eq!((mail.subject.as_str(), mail.words.text.as_str()), (subject, text), "{raw:?}");
        assert_eq!(mail.defects, defects, "{raw:?}");
    }
}

const HEAD: &str = "From: a@b.example\nDate: Mon, 1 Jan 2024 10:00:00 +0100\nMessage-ID: <1@b.example>\n";

#[test]
fn plain_and_broken() {
    check(&format!("{HEAD}Subject: x\n\nhello\n"), "x", "hello", &[]);
    check(&format!("{HEAD}Subject: =?utf-8?q?a=00=0Ab?=\n\nhello\n"), "a b", "hello", &[]);
    check("Subject: x\n\nhello", "x", "hello", &["no-from", "no-date", "no-message-id"]);
    check("", "", "", &["no-from", "no-date", "no-message-id", "empty"]);
    check(
        &format!("{HEAD}From\n : c@d.example\nSubject: x\n\nhello\n"),
        "x",
        "hello",
        &["field-without-colon", "two-from", "unclear-from"],
    );
    check(&format!("{HEAD}Content-Type: text/html; charset=utf-8\n\n<p>a<p>b"), "", "a\n\nb", &[]);
}

#[test]
fn t17_two_routes_of_one_mail() {
    let one = format!("{HEAD}Subject: x\n\nhello\n");
    let two = format!("Received: by y\nX-Z: 1\n{}\n\n", one.replace('\n', "\r\n"));
    assert_eq!(parse(one.as_bytes()).content_hash, parse(two.as_bytes()).content_hash);
    assert_ne!(
        parse(one.as_bytes()).content_hash,
        parse(one.replace("hello", "other").as_bytes()).content_hash
    );
}

#[test]
fn t36_bombs_on_a_small_stack() {
    let deep: String =
        (0..100_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect();
    let mails = "Content-Type: message/rfc822\n\n".repeat(100_000);
    let open = "(".repeat(100_000);
    let bombs = [
        format!("{HEAD}{deep}"),
        format!("{HEAD}{mails}"),
        format!("From: {open}\n\nx"),
        format!(
            "Date: {open}\nReceived: {open}\nTo: {open}\nSubject: x\nContent-Type: text/plain {open}\n\nx"
        ),
        format!("From: {}\n\nx", ":".repeat(100_000)),
        format!("{HEAD}References: {}\n\nx", "<a@b> ".repeat(40_000)),
        "X: y\n".repeat(100_000),
        format!("{HEAD}Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(100_000)),
    ];
    let run = std::thread::Builder::new()
        .stack_size(512 * 1024)
        .spawn(move || bombs.iter().map(|b| parse(b.as_bytes()).defects.len()).sum::<usize>());
    assert!(run.expect("a thread").join().is_ok());
}

#[test]
fn t39_inputs_that_broke_parsers() {
    for raw in [
        "Received:\n\t",
        "Date: Mon, 1 Jan 99999999999999 25:99:99 +99999\n\n",
        ":\n\n",
        "\n\n\n",
        "\0\0\0",
        "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n--\n",
    ] {
        parse(raw.as_bytes());
    }
}

#[test]
fn attachments_are_listed_and_served() {
    let raw = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\n\
            Content-Type: application/pdf; name=x.pdf\nContent-Transfer-Encoding: base64\n\
            Content-Disposition: attachment; filename=\"../y.pdf\"\n\naGVsbG8=\n--b--\n"
    );
    let mail = parse(raw.as_bytes());
    let file = mail.attachments.first().expect("one file");
    assert_eq!((file.filename.as_str(), file.size, file.inline), ("y.pdf", 5, false));
    assert_eq!(attachment(raw.as_bytes(), file.part).as_deref(), Some(b"hello".as_slice()));
    assert_eq!(attachment(raw.as_bytes(), 99), None);
}

/// Many files cost one walk: as many as one by one, and what is none stays none.
#[test]
fn many_attachments_are_served_at_once() {
    let file = |n: usize| {
        format!("--b\nContent-Type: text/x-n; name=n{n}\nContent-Disposition: attachment\n\nfile {n}\n")
    };
    let files: String = (0..90).map(file).collect();
    let raw = format!("{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n{files}--b--\n");
    let mut parts: Vec<u32> = parse(raw.as_bytes()).attachments.iter().map(|a| a.part).rev().collect();
    parts.extend([0, 1, 99, 99_999, u32::MAX, parts[7]]);
    let one_by_one: Vec<_> = parts.iter().map(|p| attachment(raw.as_bytes(), *p)).collect();
    assert_eq!(attachments(raw.as_bytes(), &parts), one_by_one);
    assert_eq!(one_by_one[7].as_deref(), Some(b"file 82".as_slice()));
    assert_eq!(one_by_one[90..95], [None, None, None, None, None]);
    assert_eq!(attachments(b"\0", &[0, 1]), [None, None]);
}

/// HOUSE 1.11: what the header proves is read with everything else.
#[test]
fn proofs_are_read_with_the_mail() {
    let signed = "DKIM-Signature: v=1; a=rsa-sha256; d=b.example; s=s; h=from:subject; bh=x; b=y\n";
    let stamp = "Authentication-Results: mx.desk.example; dmarc=pass header.from=b.example\n";
    let over = "Received: from b.example by mx.desk.example with ESMTP id 2\n";
    let chain = "ARC-Seal: i=1; d=list.example\n\
        ARC-Authentication-Results: i=1; list.example; dmarc=pass header.from=b.example\n";
    for head in [
        String::new(),
        signed.to_owned(),
        signed.repeat(7),
        format!("{signed}{}", signed.replace("from:", "")),
        format!("{stamp}{over}{stamp}{signed}"),
        format!("{over}{stamp}"),
        format!("{chain}{over}"),
        format!("{chain}{chain}{over}"),
        format!("From x\n{stamp}{over}{signed}"),
    ] {
        let raw = format!("{head}{HEAD}Subject: x\n\nhello\n");
        for raw in [raw.clone(), raw.replace('\n', "\r\n")] {
            let mail = parse_for_intake(raw.as_bytes());
            let as_written = Head::split(raw.as_bytes());
            assert_eq!(mail.signatures, dkim::signatures_of(&as_written), "{raw}");
            assert_eq!(mail.stamps, authres::stamps_of(&as_written), "{raw}");
            let arc = mail.stamps.arc.clone();
            let pass = |s: &str| arc.as_ref().is_some_and(|a| a.saw_pass("b.example", &[s.to_owned()]));
            assert_eq!(
                pass("list.example"),
                head.starts_with(chain) && !head.contains(&chain.repeat(2)),
                "{raw}"
            );
            assert!(!pass("other.example"));
        }
    }
    let mail = parse_for_intake(format!("{signed}{stamp}{over}{HEAD}\n\nx").as_bytes());
    assert_eq!((mail.signatures.good.len(), mail.stamps.ours.len()), (1, 1));
}

/// T20: the top of what the HTML shows is known where it could command, and empty where it could not.
#[test]
fn t20_the_top_of_both_versions() {
    let both = |plain: &str, html: &str| {
        let head = format!("{HEAD}Subject: x\nContent-Type: multipart/alternative; boundary=b\n\n");
        format!("{head}--b\n\n{plain}\n--b\nContent-Type: text/html\n\n{html}\n--b--\n")
    };
    let alone = |html: &str| format!("{HEAD}Subject: x\nContent-Type: text/html\n\n{html}\n");
    let check = |raw: &str, wanted: Option<&str>| {
        for mail in [parse(raw.as_bytes()), parse_for_intake(raw.as_bytes())] {
            assert_eq!(mail.seen_hash_lines.as_deref(), wanted, "{raw}");
        }
    };
    check(&format!("{HEAD}Subject: x\n\n#close\n"), None);
    check(&both("#close", "<p>#close</p>"), Some("#close"));
    check(&both("#close", "<p>#close</p><p>#note<br>hello #x</p>"), Some("#close\n#note"));
    check(&both("#close", "<p>hello"), Some(""));
    check(&both("hello", "<p>hello #close"), Some(""));
    check(&both("hello", "<p>&#8203;&#35;close</p>hello"), Some("#close"));
    check(&both("hello", "<div style='display:none'>x</div>#close<br>##no"), Some("#close\n##no"));
    check(&both("#close", "<div style='display:none'>#close</div>hello"), Some(""));
    check(&alone("<blockquote type=cite>old</blockquote><p>#close"), Some("#close"));
    check(&alone("<div style='display:none'>#close</div>hello"), Some(""));
}

#[test]
fn automatic_marks() {
    let check = |field: &str, automatic: bool, suppress: bool| {
        let mail = parse(format!("{HEAD}{field}\n\nx").as_bytes());
        assert_eq!((mail.automatic.why.is_some(), mail.automatic.suppress), (automatic, suppress), "{field}");
    };
    check("Auto-Submitted: auto-replied (vacation); owner-email=\"x\"", true, false);
    check("Auto-Submitted:  No ", false, false);
    check("Precedence: bulk", true, false);
    check("List-Id: x <y.z>", true, false);
    check("X-Autoreply: yes", true, false);
    check("X-Apple-Action: VACATION", true, false);
    check("Return-Path: <>", true, false);
    check("Feedback-ID: 1:bulk:x", true, false);
    check("X-Auto-Response-Suppress: OOF, DR", false, true);
    check("X-Auto-Response-Suppress: None", false, false);
    check("X-Normal: yes", false, false);
}

/// A rule that a gateway left above the fields of a part hides nothing of it.
#[test]
fn stray_lines_at_the_head_of_a_part_are_passed_over() {
    let picture = "Content-Transfer-Encoding: base64\nContent-Type: image/png; name=a.png\n\niVBORw0KGgo=\n";
    for stray in ["--\n", "-- \n", "--\n--\n", "_______\n"] {
        let raw = format!(
            "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n{stray}\
             Content-Type: text/plain\n\nwords\n--x\n{stray}{picture}--x--\n"
        );
        let mail = parse(raw.as_bytes());
        assert_eq!(mail.words.text, "words", "{stray:?}");
        let files: Vec<(&str, u64)> =
            mail.attachments.iter().map(|a| (a.filename.as_str(), a.size)).collect();
        assert_eq!(files, [("a.png", 8)], "{stray:?}");
    }
    let text = "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n--\nwords: all\n\n\
                more\n--x--\n";
    assert!(parse(text.as_bytes()).words.text.contains("more"));
}
