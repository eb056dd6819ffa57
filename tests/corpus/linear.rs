//! A hostile report costs less than twenty times a fair one, and twice its size twice as much (T36 to T38).

use super::counted::{self, LARGE, SMALL};
use maildesk::mail::parse::parse;

const FRAME: &str = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: desk@desk.example\nSubject: ";

/// One unit over and over, up to so many bytes, each with its number in the place of `#`.
fn flood(size: usize, head: &str, unit: &str) -> String {
    let units = (0..size / unit.len()).map(|n| unit.replace('#', &n.to_string()));
    format!("{head}{}", units.collect::<String>())
}

fn prose() -> String {
    format!("{FRAME}Undelivered Mail\n\nCould not be delivered.\n\n")
}

fn hostile(size: usize) -> Vec<(&'static str, String)> {
    let (prose, plain) = (prose(), format!("{FRAME}x\n"));
    let parts = format!(
        "{plain}Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n\
         Not delivered.\n"
    );
    let status =
        format!("{parts}--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n");
    let abuse = format!("{parts}--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n");
    let failed = "Final-Recipient: rfc822; a#@b.example\nAction: failed\n";
    let failed_so = format!("{failed}Status: 5.1.1\n\n");
    let failed = format!("{failed}\n");
    let wrapped =
        "--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/report; boundary=c\n\n--c\n\n";
    let all = [
        ("recipients", &status, failed_so.as_str()),
        ("recipients without a reason", &status, &failed),
        ("fields of one group", &status, "Final-Recipient: rfc822; a@b.example\n"),
        ("no fields", &status, "no field\n"),
        ("one line", &status, "x"),
        ("complainers", &abuse, "Original-Rcpt-To: <a#@b.example>\n\n"),
        ("mails in mails", &plain, "Content-Type: message/rfc822\n\n"),
        ("parts in parts", &plain, "Content-Type: multipart/report; boundary=b#\n\n--b#\n"),
        ("wrapped reports", &parts, wrapped),
        ("failed recipients", &plain, "X-Failed-Recipients: a#@b.example\n"),
        ("listed", &prose, "<a#@b.example>: no\n"),
        ("announced", &prose, "could not be delivered to the following recipients:\n\n"),
        ("codes", &prose, "550 5.1.1 <a@b.example> no\n"),
        ("addresses in one line", &prose, " to a#@b.example"),
        ("no address", &prose, "a@"),
        ("copies", &prose, "Received: x\n"),
        ("a long word", &prose, "a."),
    ];
    all.map(|(name, head, unit)| (name, flood(size, head, unit))).into()
}

#[test]
fn hostile_reports_take_linear_time() {
    let read = |raw: &str| assert!(parse(raw.as_bytes()).report.is_none_or(|r| r.recipients.len() <= 200));
    let copy =
        "<a@b.example>: 550 5.1.1 nobody\n\n--- Below this line is a copy of the message.\n\nSubject: x\n\n";
    let fair = flood(LARGE, &format!("{}{copy}", prose()), "Some words of the mail that came back.\n");
    let (small, large) = (hostile(SMALL), hostile(LARGE));
    let mut all = vec![fair.as_str()];
    all.extend(small.iter().zip(&large).flat_map(|((_, s), (_, l))| [s.as_str(), l.as_str()]));
    read(&fair);
    if let Some(counts) = counted::instructions(&all, read) {
        let names: Vec<String> = large.iter().map(|(name, _)| (*name).to_owned()).collect();
        counted::assert_linear(&counts, &names);
        hostile(1_000_000).iter().for_each(|(_, raw)| read(raw));
    }
}
