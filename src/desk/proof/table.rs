//! The decision table of THREATS.md, in one place: what a mail may do.

use crate::desk::model::{DomainProof, ReplyProof, Snapshot, Staff, StaffProof, Who};
use crate::mail::AddrSpec;

/// A row of the decision table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// Staff with proof: relay and obey.
    Obey,
    /// Kept until staff say what to do with it.
    Hold,
    /// Taken for forged.
    Quarantine,
    /// Into the ticket it names; commands only with proof.
    Append,
    /// A new ticket of their own.
    Own,
    /// Automatic mail: attached or kept, nothing follows.
    File,
}

/// The decision table, whole; no wildcard, so that a new word in one of these enums is decided here or does
/// not compile.
pub fn row_for(who: Who, automatic: bool, domain: DomainProof, reply: ReplyProof, rule: StaffProof) -> Row {
    use DomainProof::{Disproved, Dkim, Dmarc, Unknown};
    match (who, domain, automatic) {
        (Who::Staff, Disproved, true | false) => Row::Quarantine,
        (Who::Staff, Unknown | Dkim | Dmarc, true) => Row::File,
        (Who::Staff, Unknown, false) => row_of_staff(false, reply, rule),
        (Who::Staff, Dkim | Dmarc, false) => row_of_staff(true, reply, rule),
        (Who::Participant, Disproved, true | false) => Row::Hold,
        (Who::Participant, Unknown | Dkim | Dmarc, true) => Row::File,
        (Who::Participant, Unknown | Dkim | Dmarc, false) => Row::Append,
        (Who::Stranger, Unknown | Dkim | Dmarc | Disproved, true | false) => Row::Own,
    }
}

/// A human in the name of staff.
fn row_of_staff(domain: bool, reply: ReplyProof, rule: StaffProof) -> Row {
    use ReplyProof::{Expired, Foreign, Given, None, Torn};
    match (rule, domain, reply) {
        (StaffProof::Any, true, None | Given | Expired | Foreign) => Row::Obey,
        (StaffProof::Any, false, Given) => Row::Obey,
        (StaffProof::Any, false, None | Expired | Foreign) => Row::Hold,
        (StaffProof::Both, true, Given) => Row::Obey,
        (StaffProof::Both, true, None | Expired | Foreign) => Row::Hold,
        (StaffProof::Both, false, None | Given | Expired | Foreign) => Row::Hold,
        (StaffProof::Any | StaffProof::Both, true | false, Torn) => Row::Hold,
    }
}

/// Who the sender is, seen from the ticket that was named.
pub fn identify<'a>(
    snapshot: &'a Snapshot,
    sender: &AddrSpec,
    ticket: Option<i64>,
) -> (Who, Option<&'a Staff>) {
    if let Some(staff) = snapshot.staff_by_address(sender) {
        return (Who::Staff, Some(staff));
    }
    let inside = ticket.and_then(|n| snapshot.tickets.get(&n)).is_some_and(|f| {
        f.requester.address == *sender || f.participants.iter().any(|p| p.address == *sender)
    });
    (if inside { Who::Participant } else { Who::Stranger }, None)
}

#[cfg(test)]
mod tests;
