//! A mail came with other octets than its server announced, and that stayed so: whoever reads it should know
//! that something may be missing (T110).

use crate::desk::model::message::new_message;
use crate::desk::model::proof::OtherSize;
use crate::desk::model::{Change, Decision, Kind, NewMessage, Outcome, Reason, Via};

/// Marks what was decided: the ticket by a line that customers do not see, a held mail by its reason.
pub fn mark(mut decision: Decision, size: OtherSize) -> Decision {
    if matches!(decision.outcome, Outcome::Duplicate | Outcome::Loop) {
        return decision;
    }
    let numbers = decision.changes.iter().filter_map(|c| match c {
        Change::Message(m) => Some(m.id),
        _ => None,
    });
    let free = numbers.max().map_or(0, |last| last + 1);
    let of_mail = |c: &Change| matches!(c, Change::Message(m) if m.from_mail);
    if let Some(at) = decision.changes.iter().position(of_mail)
        && let Change::Message(message) = &decision.changes[at]
    {
        let line = new_message(Kind::System, Via::Email, None, size.to_string());
        let line = NewMessage { id: free, ticket: message.ticket, ..line };
        decision.changes.insert(at + 1, Change::Message(Box::new(line)));
    }
    for change in &mut decision.changes {
        if let Change::Hold { reason, .. } = change {
            *reason = Reason::OtherSize(Box::new(reason.clone()), size);
        }
    }
    decision.reason = Reason::OtherSize(Box::new(decision.reason), size);
    decision
}
