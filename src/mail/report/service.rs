//! Notices of services that have a form of their own: Amazon SES (JSON through SNS), Hotmail's complaints.

use super::fields;
use super::whom::MAX_RECIPIENTS;
use crate::mail::address::MessageId;
use crate::mail::body::Body;
use crate::mail::inbound::{Inbound, Report, ReportKind, ReportedRecipient};
use crate::mail::text::clean_line;

/// What such a notice says; `None`: it is none.
pub(super) fn report(mail: &Inbound, body: &Body) -> Option<Report> {
    if let Some(report) = amazon(&body.text, mail) {
        return Some(report);
    }
    complaint(mail, body).then(|| Report {
        kind: ReportKind::Abuse,
        recipients: fields::complainers(body, None),
        original_ids: fields::original_ids(body),
    })
}

/// Hotmail's complaints have no report part: the subject and the complained-of mail are all there is.
fn complaint(mail: &Inbound, body: &Body) -> bool {
    let subject = mail.subject.to_lowercase();
    let copy = body.report_parts.iter().any(|(kind, _)| kind == "message/rfc822");
    copy && (subject.starts_with("complaint about message from")
        || subject.starts_with("email feedback report for ip"))
}

/// The notices that Amazon SES sends through SNS: JSON, sometimes JSON in JSON.
fn amazon(text: &str, mail: &Inbound) -> Option<Report> {
    let from = mail.from.address().map(|a| a.domain().to_owned()).unwrap_or_default();
    if !text.trim_start().starts_with('{')
        || !(from.ends_with("amazonaws.com") || from.ends_with("amazonses.com"))
    {
        return None;
    }
    // A relay may have wrapped the one long line; a footer may follow the object.
    let text = text.trim().replace('\n', "");
    let mut value: serde_json::Value = serde_json::Deserializer::from_str(&text).into_iter().next()?.ok()?;
    if let Some(inner) = value["Message"].as_str() {
        value = serde_json::from_str(inner).ok()?;
    }
    let line = |v: &serde_json::Value| v.as_str().map(clean_line).filter(|s| !s.is_empty());
    let kind_name = line(&value["notificationType"]).or_else(|| line(&value["eventType"]))?;
    let (kind, list) = match kind_name.as_str() {
        "Bounce" => (ReportKind::Failure, &value["bounce"]["bouncedRecipients"]),
        "Complaint" => (ReportKind::Abuse, &value["complaint"]["complainedRecipients"]),
        "Delivery" => (ReportKind::Delivered, &value["delivery"]["recipients"]),
        "DeliveryDelay" => (ReportKind::Delay, &value["deliveryDelay"]["delayedRecipients"]),
        _ => return None,
    };
    let bounced_for_good = value["bounce"]["bounceType"] == "Permanent";
    let recipients = list.as_array().into_iter().flatten().take(MAX_RECIPIENTS);
    let recipients = recipients.filter_map(|r| {
        let address = line(&r["emailAddress"]).or_else(|| line(r))?;
        let status = line(&r["status"]);
        let permanent = kind == ReportKind::Failure
            && status.as_deref().map_or(bounced_for_good, |status| status.starts_with('5'));
        Some(ReportedRecipient { address, status, diagnostic: line(&r["diagnosticCode"]), permanent })
    });
    let recipients = recipients.collect();
    let id = value["mail"]["commonHeaders"]["messageId"].as_str().or(value["mail"]["messageId"].as_str());
    Some(Report { kind, recipients, original_ids: id.and_then(MessageId::parse).into_iter().collect() })
}
