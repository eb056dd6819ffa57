//! The JSON that commands print. Programs rely on it: keys may be added, and none changes (INTERFACE.md).

use super::out::time;
use crate::app::{Explained, HeldRow, Kind, LetterState, MessageRow, OutboxEntry, Shown, TicketRow};
use crate::desk::model::ProofReason;
use crate::mail::{Attachment, Inbound, Mailbox, ReportedRecipient, Sender, Words};
use serde_json::{Value, json};

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn shown(p: &Shown) -> Value {
    json!({"name": p.name, "address": p.address})
}

/// A ticket; `token` is its public name.
pub fn ticket(row: &TicketRow, token: &str) -> Value {
    let t = &row.ticket;
    let mut out = json!({
        "number": t.number,
        "token": token,
        "subject": t.subject,
        "status": t.status.as_str(),
        "priority": t.priority.as_str(),
        "category": t.category,
        "tags": row.tags,
        "requester": shown(&row.requester),
        "participants": row.participants.iter().map(shown).collect::<Vec<_>>(),
        "assignee": row.assignee.as_ref().map(shown),
        "created_at": time(t.created_at),
        "updated_at": time(t.updated_at),
        "due_at": t.due_at.map(time),
        "closed_at": t.closed_at.map(time),
    });
    if let Some(into) = t.merged_into {
        out["merged_into"] = json!(into);
    }
    out
}

/// A message; `desk` is its author where the desk itself spoke.
pub fn message(m: &MessageRow, desk: &Shown) -> Value {
    let author = match m.author {
        Some(_) => json!({"name": m.author_name, "address": m.author_address}),
        None if m.kind == Kind::System => Value::Null,
        None => json!({"name": m.author_name, "address": desk.address}),
    };
    let files = m.files.iter().map(|f| {
        json!({
            "id": f.id,
            "filename": f.filename,
            "media_type": f.media_type,
            "size": f.size,
            "sha256": hex(&f.sha256),
        })
    });
    let folded = [m.quoted.as_str(), m.signature.as_str()];
    let folded: Vec<&str> = folded.into_iter().filter(|s| !s.is_empty()).collect();
    json!({
        "id": m.id,
        "kind": m.kind.as_str(),
        "via": m.via.as_str(),
        "author": author,
        "message_id": m.message_id.as_ref().map(|i| format!("<{i}>")),
        "subject": m.subject,
        "text": m.text,
        "quoted": folded.join("\n"),
        "verified": m.verified.as_str(),
        "attachments": files.collect::<Vec<_>>(),
        "created_at": time(m.created_at),
    })
}

/// A letter that waits or failed.
pub fn outbox(e: &OutboxEntry) -> Value {
    json!({
        "id": e.id,
        "kind": e.kind.as_str(),
        "to": e.to,
        "subject": e.subject,
        "state": e.state.as_str(),
        "reason": reason(e),
        "attempts": e.attempts,
        "next_at": e.next_at.map(time),
    })
}

/// Why a letter was not sent so far, in words, also while nothing went wrong.
pub fn reason(e: &OutboxEntry) -> &str {
    match (e.reason.as_str(), e.state) {
        ("", LetterState::Claimed) => "it is being sent",
        ("", _) => "it waits for its first attempt",
        (words, _) => words,
    }
}

/// A held mail; `token` names its ticket.
pub fn held(h: &HeldRow, token: impl Fn(i64) -> String) -> Value {
    json!({
        "id": h.id,
        "kind": h.cause.kind(),
        "from": h.from,
        "subject": h.subject,
        "reason": h.reason,
        "ticket": h.ticket.map(token),
        "received_at": time(h.received_at),
    })
}

fn mailbox(m: &Mailbox) -> Value {
    json!({"name": m.name, "address": m.address})
}

fn attachment(a: &Attachment) -> Value {
    json!({
        "filename": a.filename,
        "media_type": a.media_type,
        "size": a.size,
        "sha256": hex(&a.sha256),
        "inline": a.inline,
    })
}

fn mail(m: &Inbound) -> Value {
    let from = match &m.from {
        Sender::One { name, address } => json!({"name": name, "address": address.as_str()}),
        Sender::Unclear { shown: Some(s), .. } => mailbox(s),
        Sender::Unclear { shown: None, .. } | Sender::Missing => Value::Null,
    };
    json!({
        "message_id": m.message_id.as_ref().map(ToString::to_string),
        "from": from,
        "to": m.to.iter().map(mailbox).collect::<Vec<_>>(),
        "cc": m.cc.iter().map(mailbox).collect::<Vec<_>>(),
        "reply_to": m.reply_to.as_ref().map(mailbox),
        "subject": m.subject,
        "date": m.date.map(time),
        "text": m.words.text,
        "quoted": m.words.quoted,
        "signature": m.words.signature,
        "html": m.html,
        "attachments": m.attachments.iter().map(attachment).collect::<Vec<_>>(),
        "defects": m.defects,
    })
}

/// What today's rules make of a mail; null where there is none.
pub fn words(words: Option<&Words>) -> Value {
    words.map_or(Value::Null, |w| json!({"text": w.text, "quoted": w.quoted, "signature": w.signature}))
}

/// What a mail of this file is and what would follow.
pub fn explained(file: &str, e: &Explained) -> Value {
    let d = &e.decision;
    let recipient = |r: &ReportedRecipient| {
        json!({
            "address": r.address,
            "status": r.status,
            "diagnostic": r.diagnostic,
            "permanent": r.permanent,
        })
    };
    let report = e.mail.report.as_ref().map(|r| {
        json!({"kind": r.kind.as_str(), "recipients": r.recipients.iter().map(recipient).collect::<Vec<_>>()})
    });
    let letters = d.letters.iter();
    let letters =
        letters.map(|l| json!({"kind": l.kind.as_str(), "to": l.to.as_str(), "subject": l.subject}));
    let why = match d.why {
        ProofReason::NotExamined => "nothing was looked up".to_owned(),
        why => why.to_string(),
    };
    json!({
        "file": file,
        "outcome": d.outcome.as_str(),
        "reason": d.reason.to_string(),
        "automatic": e.automatic.is_some(),
        "automatic_why": e.automatic,
        "mail": mail(&e.mail),
        "report": report,
        "proof": {"verified": d.verified.as_str(), "who": d.who.as_str(), "why": why},
        "ticket": e.ticket,
        "thread": e.thread.as_ref().map(ToString::to_string),
        "orders": d.orders,
        "letters": letters.collect::<Vec<_>>(),
    })
}
