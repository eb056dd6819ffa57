//! Reports made of fields: RFC 3464 (delivery), RFC 5965 (abuse), RFC 8098 (receipts), in the frame of RFC
//! 6522.

use super::whom::{self, MAX_RECIPIENTS};
use crate::mail::address::MessageId;
use crate::mail::body::Body;
use crate::mail::charset::decode;
use crate::mail::field::{Head, next_line, without_comments};
use crate::mail::inbound::{Report, ReportKind, ReportedRecipient};
use crate::mail::text::clean_line;

/// What the fields of a report say; `None`: it has no such part.
pub(super) fn report(body: &Body) -> Option<Report> {
    let of = |kinds: &[&str]| {
        body.report_parts
            .iter()
            .find(|(kind, _)| kinds.contains(&kind.as_str()))
            .map(|(_, data)| data.as_slice())
    };
    let original_ids = original_ids(body);
    if let Some(data) = of(&["message/feedback-report"]) {
        return Some(abuse(body, data, original_ids));
    }
    if let Some(data) = of(&["message/delivery-status", "message/global-delivery-status"]) {
        let (kind, recipients) = delivery(data);
        return Some(Report { kind, recipients, original_ids });
    }
    if let Some(data) = of(&["message/disposition-notification", "message/global-disposition-notification"]) {
        return Some(receipt(data, original_ids));
    }
    None
}

/// The returned mail, or its header.
fn copies(body: &Body) -> impl Iterator<Item = &[u8]> {
    let kinds = [
        "message/rfc822",
        "text/rfc822-headers",
        "message/global",
        "message/global-headers",
        "message/rfc822-headers",
    ];
    body.report_parts
        .iter()
        .filter(move |(kind, _)| kinds.contains(&kind.as_str()))
        .take(10)
        .map(|(_, data)| data.as_slice())
}

/// Message-IDs of the returned copy or of its headers.
pub(super) fn original_ids(body: &Body) -> Vec<MessageId> {
    let mut ids: Vec<MessageId> = Vec::new();
    for data in copies(body) {
        let head = Head::split(data);
        for value in head.all("message-id").chain(head.all("original-message-id")).take(4) {
            let text = String::from_utf8_lossy(value);
            let text = text.split_once('<').map_or(&*text, |(_, rest)| rest.split('>').next().unwrap_or(""));
            ids.extend(MessageId::parse(text).filter(|id| !ids.contains(id)));
        }
    }
    ids
}

/// The groups of fields between empty lines. What is no field is skipped by whole lines, so that this stays
/// linear.
fn groups(data: &[u8]) -> Vec<Head> {
    let mut out = Vec::new();
    let mut at = 0;
    // The first group speaks of the report as a whole (RFC 3464 §2.2).
    while at < data.len() && out.len() <= MAX_RECIPIENTS {
        let head = Head::split(&data[at..]);
        at = if head.body == 0 { next_line(data, at).1 } else { at + head.body };
        if head.names().next().is_some() {
            out.push(head);
        }
    }
    out
}

fn line(head: &Head, name: &str) -> Option<String> {
    head.first(name).map(|v| clean_line(&decode(v, None).0)).filter(|v| !v.is_empty())
}

/// `rfc822; a@b` (RFC 3464 §2.1.2): the part after the type, without brackets and comments.
fn typed(value: &str) -> String {
    let value = value.split_once(';').map_or(value, |(_, rest)| rest).trim();
    let value = without_comments(value);
    value.trim().trim_matches(['<', '>', '"']).trim().to_owned()
}

fn delivery(data: &[u8]) -> (ReportKind, Vec<ReportedRecipient>) {
    let mut recipients = Vec::new();
    let mut kinds = Vec::new();
    for head in groups(data) {
        // RFC 3464 §2.3.1: the original address is the one we wrote to, the final one may be an alias behind
        // it.
        let address = line(&head, "original-recipient")
            .map(|a| typed(&a))
            .filter(|a| a.contains('@'))
            .or_else(|| line(&head, "final-recipient").map(|a| typed(&a)).filter(|a| !a.is_empty()));
        let action = head.token("action").unwrap_or_default();
        let Some(address) =
            address.filter(|a| !a.is_empty()).or_else(|| (!action.is_empty()).then(String::new))
        else {
            continue;
        };
        let diagnostic = line(&head, "diagnostic-code").map(|d| said(&d)).filter(|d| !d.is_empty());
        let status =
            line(&head, "status").and_then(|s| status(&s)).or_else(|| diagnostic.as_deref().and_then(status));
        let kind = kind_of(&action, status.as_deref());
        let class = status.as_deref().and_then(|s| s.chars().next());
        let refused = || reply_class(diagnostic.as_deref()).map_or(action.starts_with("fail"), |c| c == '5');
        let permanent = kind == ReportKind::Failure && class.map_or_else(refused, |c| c == '5');
        kinds.push(kind);
        recipients.push(ReportedRecipient { address, status, diagnostic, permanent });
    }
    let has = |kind| kinds.contains(&kind);
    let kind = [ReportKind::Failure, ReportKind::Delay, ReportKind::Delivered]
        .into_iter()
        .find(|k| has(*k))
        .unwrap_or(ReportKind::Other);
    (kind, recipients)
}

/// `smtp; 550 no such user` (RFC 3464 §2.3.6): the part after the type, in one line.
fn said(value: &str) -> String {
    let text = value.split_once(';').map_or(value, |(_, rest)| rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(1000).collect()
}

/// The class of the reply code that a diagnostic begins with (RFC 5321 §4.2.1).
fn reply_class(diagnostic: Option<&str>) -> Option<char> {
    let word = diagnostic?.split([' ', '-']).next()?;
    (word.len() == 3 && word.bytes().all(|b| b.is_ascii_digit())).then(|| word.chars().next()).flatten()
}

fn kind_of(action: &str, status: Option<&str>) -> ReportKind {
    // RFC 3464 §2.3.3.
    match action.split([' ', ';']).next().unwrap_or("") {
        "failed" | "failure" | "fail" => ReportKind::Failure,
        "delayed" => ReportKind::Delay,
        "delivered" | "relayed" | "expanded" | "deliverable" => ReportKind::Delivered,
        _ => match status.and_then(|s| s.chars().next()) {
            Some('5' | '4') => ReportKind::Failure,
            Some('2') => ReportKind::Delivered,
            _ => ReportKind::Other,
        },
    }
}

/// The first three numbers of RFC 3463 in a text.
fn status(text: &str) -> Option<String> {
    statuses(text).next()
}

/// As [`status`], of those that speak of failure.
pub(super) fn failed_status(text: &str) -> Option<String> {
    statuses(text).find(|s| !s.starts_with('2'))
}

fn statuses(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.')).filter_map(|word| {
        let word = word.trim_matches('.');
        let parts: Vec<&str> = word.split('.').take(4).collect();
        let fine = parts.len() == 3
            && ["2", "4", "5"].contains(&parts[0])
            && parts[1..].iter().all(|p| (1..=3).contains(&p.len()));
        fine.then(|| word.to_owned())
    })
}

/// RFC 5965 §3.2: the recipient may be told, or hidden; then the complained-of mail tells whom it went to.
fn abuse(body: &Body, data: &[u8], mut original_ids: Vec<MessageId>) -> Report {
    let mut kind = None;
    let mut addresses = Vec::new();
    for head in groups(data) {
        kind = kind.or_else(|| line(&head, "feedback-type"));
        let named = head.all("original-rcpt-to").chain(head.all("removal-recipient")).take(MAX_RECIPIENTS);
        addresses.extend(named.map(|value| typed(&clean_line(&decode(value, None).0))));
        original_ids.extend(
            head.first("original-message-id").and_then(|v| MessageId::parse(&String::from_utf8_lossy(v))),
        );
    }
    let mut recipients = complained(whom::each_once(addresses), kind.as_deref());
    if recipients.is_empty() {
        recipients = complainers(body, kind.as_deref());
    }
    Report { kind: ReportKind::Abuse, recipients, original_ids }
}

/// Whom the returned mail went to; one mail has one recipient here (STANDARDS, table H), so that is who
/// complains.
pub(super) fn complainers(body: &Body, kind: Option<&str>) -> Vec<ReportedRecipient> {
    let copies: Vec<Head> = copies(body).map(Head::split).collect();
    complained(whom::addressed(copies.iter()), kind)
}

fn complained(addresses: Vec<String>, kind: Option<&str>) -> Vec<ReportedRecipient> {
    let one = |address| ReportedRecipient {
        address,
        status: None,
        diagnostic: kind.map(str::to_owned),
        permanent: false,
    };
    addresses.into_iter().map(one).collect()
}

/// RFC 8098 §3.2.6: the last word of Disposition. Only `displayed` and its like say that the mail arrived.
fn receipt(data: &[u8], mut original_ids: Vec<MessageId>) -> Report {
    let mut recipients = Vec::new();
    let mut kind = ReportKind::Other;
    for head in groups(data) {
        let disposition = head.token("disposition").unwrap_or_default();
        if ["displayed", "processed", "dispatched"].iter().any(|d| disposition.contains(d)) {
            kind = ReportKind::Delivered;
        }
        if let Some(address) = line(&head, "original-recipient").or_else(|| line(&head, "final-recipient")) {
            recipients.push(ReportedRecipient {
                address: typed(&address),
                status: None,
                diagnostic: line(&head, "disposition"),
                permanent: false,
            });
        }
        original_ids.extend(
            head.first("original-message-id").and_then(|v| MessageId::parse(&String::from_utf8_lossy(v))),
        );
    }
    Report { kind, recipients, original_ids }
}
