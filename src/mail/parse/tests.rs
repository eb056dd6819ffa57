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
        "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: application/pdf; name=x.pdf\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"../y.pdf\"\n\naGVsbG8=\n--b--\n"
    );
    let mail = parse(raw.as_bytes());
    let file = mail.attachments.first().expect("one file");
    assert_eq!((file.filename.as_str(), file.size, file.inline), ("y.pdf", 5, false));
    assert_eq!(attachment(raw.as_bytes(), file.part).as_deref(), Some(b"hello".as_slice()));
    assert_eq!(attachment(raw.as_bytes(), 99), None);
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
