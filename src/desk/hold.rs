//! A mail is kept without being acted on: every such mail goes through here, with the reason and with what
//! somebody needs to know who decides about it later.

use super::builder::decision::Builder;
use super::letter;
use super::model::{Cause, Change, Decision, Named, Outcome, Reason, Released, Staff, Verified};

/// Keeps a mail without acting on it; nothing proves its sender.
pub fn keep_without_acting(
    builder: Builder<'_>,
    cause: Cause,
    ticket: Option<i64>,
    person: Option<i64>,
    reason: Reason,
) -> Decision {
    keep_for_cause(builder, cause, ticket, person, Verified::None, reason)
}

/// The same, with what somebody needs to know who decides about it later.
pub fn keep_for_cause(
    mut builder: Builder<'_>,
    cause: Cause,
    ticket: Option<i64>,
    person: Option<i64>,
    verified: Verified,
    reason: Reason,
) -> Decision {
    builder.change(Change::Hold { cause, ticket, person, verified, reason: reason.clone() });
    let outcome = if cause == Cause::Quarantine { Outcome::Quarantine } else { Outcome::Held };
    builder.finish(outcome, reason, ticket)
}

/// A mail in the name of staff without enough proof; one letter an hour tells that person.
pub fn keep_and_notify(
    mut builder: Builder<'_>,
    staff: Option<&Staff>,
    named: &Named,
    cause: Cause,
    reason: Reason,
) -> Decision {
    if let Some(staff) = staff
        && builder.known.counts.holds_staff_hour == 0
    {
        letter::hold::queue(&mut builder, &staff.person, &reason, cause);
    }
    // Nobody but staff is asked by a link: a participant's mail with a counter-proof is for staff to judge.
    let cause = if staff.is_none() && cause == Cause::Unproven { Cause::Other } else { cause };
    keep_for_cause(builder, cause, named.ticket, staff.map(|s| s.person.id), named.verified, reason)
}

/// A held mail was decided anew. It would be held again, for what nobody's word makes good: its row stays
/// open, else it would be forgotten. What comes back to its writer by a letter is held anew, for another
/// reason.
pub fn end_hold(mut decision: Decision, released: &Released) -> Decision {
    let stays =
        decision.letters.is_empty() && decision.changes.iter().any(|c| matches!(c, Change::Hold { .. }));
    let detail = if stays { "stays held" } else { decision.outcome.as_str() };
    let audit = Change::Audit {
        actor: released.actor.clone(),
        action: "release",
        object: format!("held:{}", released.held),
        detail: detail.to_owned(),
    };
    if stays {
        let (changes, release) = (vec![audit], None);
        return Decision { outcome: Outcome::Held, changes, release, ..decision };
    }
    let (held, outcome, ticket) = (released.held, decision.outcome, decision.ticket);
    decision.changes.push(Change::Released { held, outcome, ticket });
    decision.changes.push(audit);
    decision
}
