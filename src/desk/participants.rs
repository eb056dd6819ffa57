//! Who takes part in a ticket beside its requester (T06): by `#cc` of staff, or because one who takes part
//! and has proven himself wishes it on the page; and how somebody leaves by the link in his letters
//! (STANDARDS, table H, column R; T105).
//!
//! An address in To or Cc alone makes nobody a participant. Whoever joins gets and sees what comes from then
//! on.

use super::letter::notification;
use super::work::{Work, message};
use super::{
    Change, Kind, Mailed, NewMessage, Person, Rules, Ticket, TicketFacts, Verified, Via, mailed, ordered,
    seal,
};
use crate::mail::{AddrSpec, Inbound};

/// Addresses of one mail that staff hear of.
const NAMED_MAX: usize = 10;
/// Addresses that one person is asked about in one ticket; what is beyond is not remembered.
pub const SUGGESTIONS_MAX: usize = 10;

/// Addresses in To and Cc that are neither in the ticket nor ours nor of staff.
pub fn beside(work: &Work<'_>, facts: &TicketFacts, mail: &Inbound, author: &Person) -> Vec<AddrSpec> {
    let mut out: Vec<AddrSpec> = Vec::new();
    for address in mail.to.iter().chain(&mail.cc).filter_map(|m| AddrSpec::parse(&m.address)) {
        let inside =
            address == facts.requester.address || facts.participants.iter().any(|p| p.address == address);
        let fresh =
            !inside && !reserved(work, &address) && address != author.address && !out.contains(&address);
        if fresh && out.len() < NAMED_MAX {
            out.push(address);
        }
    }
    out
}

/// The desk's own and those of staff take part without being participants.
fn reserved(work: &Work<'_>, address: &AddrSpec) -> bool {
    work.rules.own.everybody
        || work.rules.own.contains(address)
        || work.known.staff_by_address(address).is_some()
}

/// Remembers them, so that the page asks the writer about each; only for a writer who has proven himself.
pub fn suggest(
    work: &mut Work<'_>,
    facts: &TicketFacts,
    mailed: &Mailed<'_>,
    author: &Person,
    verified: Verified,
) {
    if !verified.proven() || mailed.history {
        return;
    }
    for address in beside(work, facts, mailed.mail, author) {
        work.change(Change::Suggest { ticket: facts.ticket.number, person: author.id, address });
    }
}

/// `by` wishes that an address he wrote to takes part from now on. Staff are told; the new one gets nothing
/// of what was said.
pub fn follow(work: &mut Work<'_>, facts: &mut TicketFacts, by: &Person, address: &AddrSpec) {
    if reserved(work, address) {
        return;
    }
    let person = work.person(address, "");
    if person.spam {
        return;
    }
    let headline =
        format!("{} lets {address} take part in {}.", work.shown(by), work.rules.token(facts.ticket.number));
    let id = work.say(facts, line(&headline));
    ordered::join(work, facts, person);
    work.audit(&format!("person:{}", by.id), "follow", work.rules.token(facts.ticket.number), "");
    let news = notification::News {
        headline,
        words: "",
        lines: vec![format!(
            "Answers go to {address} as well from now on; #private answers the requester alone."
        )],
        files: Vec::new(),
        left_out: Vec::new(),
        message: id,
    };
    mailed::tell(work, facts, &news, None);
    work.save(facts);
}

/// He gets and sees nothing more of the ticket; what he writes to it from now on is a ticket of his own (T04,
/// T14).
pub fn leave(work: &mut Work<'_>, facts: &mut TicketFacts, person: &Person) {
    let left = format!("{} left the ticket.", work.shown(person));
    work.change(Change::Leave { ticket: facts.ticket.number, person: person.id });
    facts.participants.retain(|p| p.id != person.id);
    work.say(facts, line(&left));
    work.audit(&format!("person:{}", person.id), "leave", work.rules.token(facts.ticket.number), "");
    work.save(facts);
}

/// What the desk writes into the ticket for staff.
fn line(text: &str) -> NewMessage {
    message(Kind::System, Via::Web, None, text)
}

/// The path of the page on which a participant leaves; `None` for the requester, whose ticket it is.
pub fn way_out(rules: &Rules, ticket: &Ticket, person: i64) -> Option<String> {
    (person != ticket.requester)
        .then(|| format!("/leave/{}", seal::leave_token(&rules.keys, ticket.number, person)))
}

#[cfg(test)]
mod tests;
