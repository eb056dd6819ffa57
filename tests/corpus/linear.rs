//! A megabyte of hostile report costs less than twenty times a fair one (T36 to T38).

use maildesk::mail::parse::parse;

const FRAME: &str = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: desk@desk.example\nSubject: ";

/// One unit over and over up to a megabyte.
fn flood(head: &str, unit: &str) -> String {
    format!("{head}{}", unit.repeat(1_000_000 / unit.len()))
}

/// As [`flood`], each unit with its number in the place of `#`.
fn numbered(head: &str, unit: &str) -> String {
    let units = (0..1_000_000 / unit.len()).map(|n| unit.replace('#', &n.to_string()));
    format!("{head}{}", units.collect::<String>())
}

#[test]
fn hostile_reports_take_linear_time() {
    let prose = format!("{FRAME}Undelivered Mail\n\nCould not be delivered.\n\n");
    let parts = format!(
        "{FRAME}x\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nNot delivered.\n"
    );
    let status =
        format!("{parts}--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n");
    let abuse = format!("{parts}--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n");
    let copy =
        "<a@b.example>: 550 5.1.1 nobody\n\n--- Below this line is a copy of the message.\n\nSubject: x\n\n";
    let hostile = [
        (
            "recipients",
            numbered(&status, "Final-Recipient: rfc822; a#@b.example\nAction: failed\nStatus: 5.1.1\n\n"),
        ),
        (
            "recipients without a reason",
            numbered(&status, "Final-Recipient: rfc822; a#@b.example\nAction: failed\n\n"),
        ),
        ("fields of one group", flood(&status, "Final-Recipient: rfc822; a@b.example\n")),
        ("no fields", flood(&status, "no field\n")),
        ("one line", flood(&status, "x")),
        ("complainers", numbered(&abuse, "Original-Rcpt-To: <a#@b.example>\n\n")),
        ("mails in mails", flood(&format!("{FRAME}x\n"), "Content-Type: message/rfc822\n\n")),
        (
            "parts in parts",
            numbered(&format!("{FRAME}x\n"), "Content-Type: multipart/report; boundary=b#\n\n--b#\n"),
        ),
        (
            "wrapped reports",
            flood(
                &parts,
                "--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/report; boundary=c\n\n--c\n\n",
            ),
        ),
        ("failed recipients", numbered(&format!("{FRAME}x\n"), "X-Failed-Recipients: a#@b.example\n")),
        ("listed", numbered(&prose, "<a#@b.example>: no\n")),
        ("announced", flood(&prose, "could not be delivered to the following recipients:\n\n")),
        ("codes", flood(&prose, "550 5.1.1 <a@b.example> no\n")),
        ("addresses in one line", numbered(&prose, " to a#@b.example")),
        ("no address", flood(&prose, "a@")),
        ("copies", flood(&prose, "Received: x\n")),
        ("a long word", flood(&prose, "a.")),
    ];
    let time = |raw: &str| {
        let once = || {
            let start = std::time::Instant::now();
            assert!(parse(raw.as_bytes()).report.is_none_or(|r| r.recipients.len() <= 200));
            start.elapsed()
        };
        // The better of two: other work on the machine only ever adds.
        once().min(once())
    };
    let fair = time(&flood(&format!("{prose}{copy}"), "Some words of the mail that came back.\n"));
    for (name, raw) in hostile {
        let took = time(&raw);
        assert!(took < fair * 20, "{name}: {took:?}, a fair report of the size {fair:?}");
    }
}
