//! Reports of several systems, and mails that are none.

use super::super::parse::parse;
use super::ReportKind;

fn check(raw: &str, wanted: Option<(ReportKind, &[&str], bool)>) {
    let report = parse(raw.as_bytes()).report;
    let got = report.as_ref().map(|r| {
        (r.kind, r.recipients.iter().map(|r| r.address.as_str()).collect::<Vec<_>>(), r.recipients.iter().any(|r| r.permanent))
    });
    assert_eq!(got, wanted.map(|(kind, list, permanent)| (kind, list.to_vec(), permanent)), "{raw}");
}

const FRAME: &str = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: desk@desk.example\nSubject: ";

#[test]
fn rfc_3464() {
    let report = |action: &str, status: &str| {
        format!(
            "{FRAME}x\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nwords\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; a@b.example\nAction: {action}\nStatus: {status}\n\nFinal-Recipient: rfc822; c@d.example\nAction: {action}\nStatus: {status}\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <1@desk.example>\n--b--\n"
        )
    };
    let both: &[&str] = &["a@b.example", "c@d.example"];
    check(&report("failed", "5.1.1"), Some((ReportKind::Failure, both, true)));
    check(&report("failed", "4.4.1"), Some((ReportKind::Failure, both, false)));
    check(&report("delayed", "4.4.1"), Some((ReportKind::Delay, both, false)));
    check(&report("relayed", "2.0.0"), Some((ReportKind::Delivered, both, false)));
    let ids = parse(report("failed", "5.1.1").as_bytes()).report.expect("a report").original_ids;
    assert_eq!(ids.first().map(|i| i.as_str()), Some("1@desk.example"));
}

#[test]
fn prose() {
    let one: &[&str] = &["a@b.example"];
    check(
        &format!(
            "{FRAME}failure notice\n\nHi. This is the qmail-send program.\n\n<a@b.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n"
        ),
        Some((ReportKind::Failure, one, true)),
    );
    check(
        &format!("{FRAME}Warning: could not send message for past 4 hours\n\nThe message to a@b.example is delayed.\n"),
        Some((ReportKind::Delay, one, false)),
    );
    check(&format!("{FRAME}Out of office\n\nI am away until Monday.\n"), None);
    check(
        "From: Ann <ann@example.com>\nSubject: could not be delivered\n\nMy parcel could not be delivered. Delivery failed.\n",
        None,
    );
}

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
    let parts =
        format!("{FRAME}x\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nNot delivered.\n");
    let status = format!("{parts}--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n");
    let abuse = format!("{parts}--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n");
    let copy = "<a@b.example>: 550 5.1.1 nobody\n\n--- Below this line is a copy of the message.\n\nSubject: x\n\n";
    let hostile = [
        ("recipients", numbered(&status, "Final-Recipient: rfc822; a#@b.example\nAction: failed\nStatus: 5.1.1\n\n")),
        ("recipients without a reason", numbered(&status, "Final-Recipient: rfc822; a#@b.example\nAction: failed\n\n")),
        ("fields of one group", flood(&status, "Final-Recipient: rfc822; a@b.example\n")),
        ("no fields", flood(&status, "no field\n")),
        ("one line", flood(&status, "x")),
        ("complainers", numbered(&abuse, "Original-Rcpt-To: <a#@b.example>\n\n")),
        ("mails in mails", flood(&format!("{FRAME}x\n"), "Content-Type: message/rfc822\n\n")),
        ("parts in parts", numbered(&format!("{FRAME}x\n"), "Content-Type: multipart/report; boundary=b#\n\n--b#\n")),
        (
            "wrapped reports",
            flood(&parts, "--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/report; boundary=c\n\n--c\n\n"),
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
