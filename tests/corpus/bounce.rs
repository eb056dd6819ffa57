//! Reports: seen as what they are, with the recipients that they name.

use std::collections::BTreeSet;
use std::path::Path;

use maildesk::mail::{Inbound, Report, ReportKind};
use serde_json::Value;

use super::feed::{both, strings};

pub fn bounce(folder: &Path, case: &Value, _: &Value) -> Option<Vec<String>> {
    let mut wrong = Vec::new();
    for mail in both(folder, case) {
        let kind = mail.report.as_ref().map(|r| r.kind);
        let fine = match case["kind"].as_str().unwrap_or("") {
            "bounce" => kind == Some(ReportKind::Failure),
            "delayed" => kind == Some(ReportKind::Delay),
            "delivered" => kind == Some(ReportKind::Delivered),
            "feedback" => kind == Some(ReportKind::Abuse),
            // RFC 8098: a receipt that says `displayed` also says that the mail arrived.
            "mdn" => matches!(kind, Some(ReportKind::Other | ReportKind::Delivered)),
            "bounce_or_challenge" => matches!(kind, None | Some(ReportKind::Failure)),
            _ => kind.is_none(),
        };
        if !fine {
            wrong.push(format!("{kind:?}, not {}", case["kind"]));
        }
        if case["must_not_autoreply"].as_bool().is_some_and(|quiet| quiet != silent(&mail)) {
            wrong.push(format!("would be answered: {}", !silent(&mail)));
        }
        if let Some(report) = &mail.report {
            recipients(report, case, &mut wrong);
            permanence(report, case, &mut wrong);
        }
    }
    Some(wrong)
}

fn silent(mail: &Inbound) -> bool {
    let auto = &mail.automatic;
    auto.why.is_some() || auto.suppress || auto.daemon || auto.no_reply || mail.report.is_some()
}

fn recipients(report: &Report, case: &Value, wrong: &mut Vec<String>) {
    let got: BTreeSet<String> = report.recipients.iter().map(|r| r.address.to_lowercase()).collect();
    let wanted: BTreeSet<String> = strings(&case["recipients"]).iter().map(|r| r.to_lowercase()).collect();
    if !wanted.is_empty() && got != wanted {
        wrong.push(format!("recipients {got:?} not {wanted:?}"));
    }
    let count = got.len() as u64;
    let (least, most) = (case["recipients_min"].as_u64(), case["recipients_max"].as_u64());
    let exact = case["recipients_reported"].as_u64();
    if exact.is_some_and(|n| n != count)
        || least.is_some_and(|n| n > count)
        || most.is_some_and(|n| n < count)
    {
        wrong.push(format!("recipients {got:?}, {exact:?} reported, {least:?} to {most:?}"));
    }
    if let Some(id) = case["orig_message_id"].as_str()
        && !report.original_ids.iter().any(|i| i.as_str() == id)
    {
        wrong.push(format!("id {id} not found"));
    }
}

/// `permanent` follows the class of the status (INTERFACE); the origin tells one for each recipient, if it
/// tells any.
fn permanence(report: &Report, case: &Value, wrong: &mut Vec<String>) {
    let mut wanted: Vec<bool> =
        strings(&case["status"]).iter().filter(|s| !s.is_empty()).map(|s| s.starts_with('5')).collect();
    let mut got: Vec<bool> = report.recipients.iter().map(|r| r.permanent).collect();
    wanted.sort_unstable();
    got.sort_unstable();
    if report.kind == ReportKind::Failure && wanted.len() == got.len() && wanted != got {
        wrong.push(format!("permanent {got:?}, status {}", case["status"]));
    }
}
