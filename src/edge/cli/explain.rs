//! `maildesk explain`: prints what each mail is and what would follow, for people or as one JSON object a
//! line.

use super::exit::{Done, Exit, Failure};
use super::{json, out};
use crate::app::{Desk, Explained};
use crate::edge::dns::Names;
use std::path::PathBuf;

/// Prints what each mail is. `names`: whom to ask about the senders' domains; `None`, as without a
/// configuration: nobody.
pub fn explain(desk: &Desk, names: Option<&Names>, files: &[PathBuf], in_order: bool, as_json: bool) -> Done {
    let mut raws = Vec::with_capacity(files.len());
    for file in files {
        let raw = std::fs::read(file)
            .map_err(|e| Failure::new(Exit::NoInput, format!("cannot read {}: {e}", file.display())))?;
        raws.push(raw);
    }
    let bar = indicatif::ProgressBar::new(files.len() as u64);
    let all = desk.operator().explain(raws, in_order, |some| {
        bar.inc(some.len() as u64);
        names.map_or(Ok(()), |n| n.prove(desk, some))
    })?;
    bar.finish_and_clear();
    for (file, e) in files.iter().zip(&all) {
        let file = file.display().to_string();
        if as_json {
            out::json_line(&json::explained(&file, e))?
        } else {
            out::text(&page(&file, e))?
        };
    }
    Ok(Exit::Good)
}

fn page(file: &str, e: &Explained) -> String {
    let d = &e.decision;
    let from = match &e.mail.from {
        crate::mail::Sender::One { name, address } if name.is_empty() => address.to_string(),
        crate::mail::Sender::One { name, address } => format!("{name} <{address}>"),
        crate::mail::Sender::Unclear { why, .. } => format!("unclear ({why})"),
        crate::mail::Sender::Missing => "nobody".into(),
    };
    let mut text = format!("{file}: {} ({})\n", d.outcome.as_str(), d.reason);
    text.push_str(&format!(
        "  from     {from}: {}, proof {} ({})\n",
        d.who.as_str(),
        d.verified.as_str(),
        d.why
    ));
    text.push_str(&format!("  subject  {}\n", e.mail.subject));
    if let Some(why) = &e.automatic {
        text.push_str(&format!("  machine  {why}\n"));
    }
    if let Some(ticket) = &e.ticket {
        text.push_str(&format!("  ticket   {ticket}\n"));
    }
    if let Some(report) = &e.mail.report {
        for r in &report.recipients {
            let status = r.status.as_deref().unwrap_or("no status");
            text.push_str(&format!("  report   {} of {} ({status})\n", report.kind.as_str(), r.address));
        }
    }
    for order in &d.orders {
        text.push_str(&format!("  order    {order}\n"));
    }
    for letter in &d.letters {
        text.push_str(&format!("  letter   {} to {}: {}\n", letter.kind.as_str(), letter.to, letter.subject));
    }
    for defect in &e.mail.defects {
        text.push_str(&format!("  defect   {defect}\n"));
    }
    for (what, part) in [
        ("words", &e.mail.words.text),
        ("signature", &e.mail.words.signature),
        ("quoted", &e.mail.words.quoted),
    ] {
        if !part.trim().is_empty() {
            text.push_str(&format!("  {what}\n"));
            for line in part.trim_end().lines() {
                text.push_str(&format!("    {line}\n"));
            }
        }
    }
    text
}
