//! Reports of several systems, and mails that are none.

use crate::mail::inbound::ReportKind;
use crate::mail::parse::parse;

fn check(raw: &str, wanted: Option<(ReportKind, &[&str], bool)>) {
    let report = parse(raw.as_bytes()).report;
    let got = report.as_ref().map(|r| {
        (
            r.kind,
            r.recipients.iter().map(|r| r.address.as_str()).collect::<Vec<_>>(),
            r.recipients.iter().any(|r| r.permanent),
        )
    });
    assert_eq!(got, wanted.map(|(kind, list, permanent)| (kind, list.to_vec(), permanent)), "{raw}");
}

const FRAME: &str = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: desk@desk.example\nSubject: ";

#[test]
fn rfc_3464() {
    let report = |action: &str, status: &str| {
        format!(
            "{FRAME}x\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n\
                words\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
                Final-Recipient: rfc822; a@b.example\nAction: {action}\nStatus: {status}\n\n\
                Final-Recipient: rfc822; c@d.example\nAction: {action}\nStatus: {status}\n--b\n\
                Content-Type: text/rfc822-headers\n\nMessage-ID: <1@desk.example>\n--b--\n"
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
            "{FRAME}failure notice\n\nHi. This is the qmail-send program.\n\n<a@b.example>:\n\
                Sorry, no mailbox here by that name. (#5.1.1)\n"
        ),
        Some((ReportKind::Failure, one, true)),
    );
    check(
        &format!(
            "{FRAME}Warning: could not send message for past 4 hours\n\n\
                The message to a@b.example is delayed.\n"
        ),
        Some((ReportKind::Delay, one, false)),
    );
    check(&format!("{FRAME}Out of office\n\nI am away until Monday.\n"), None);
    check(
        "From: Ann <ann@example.com>\nSubject: could not be delivered\n\n\
            My parcel could not be delivered. Delivery failed.\n",
        None,
    );
}
