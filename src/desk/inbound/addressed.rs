//! Whom a mail was addressed to beside the desk: they are suggested, and never join by themselves (T06).

use crate::desk::builder::decision::Builder;
use crate::desk::model::{Change, Mailed, Person, TicketFacts, Verified};
use crate::desk::order::participants;
use crate::mail::{AddrSpec, Inbound};

/// Addresses of one mail that staff hear of.
pub const NAMED_MAX: usize = 10;

/// Addresses in To and Cc that are neither in the ticket nor ours nor of staff.
pub fn beside(builder: &Builder<'_>, facts: &TicketFacts, mail: &Inbound, author: &Person) -> Vec<AddrSpec> {
    let mut out: Vec<AddrSpec> = Vec::new();
    for address in mail.to.iter().chain(&mail.cc).filter_map(|m| AddrSpec::parse(&m.address)) {
        let inside =
            address == facts.requester.address || facts.participants.iter().any(|p| p.address == address);
        let fresh = !inside
            && !participants::is_ours_or_staff(builder, &address)
            && address != author.address
            && !out.contains(&address);
        if fresh && out.len() < NAMED_MAX {
            out.push(address);
        }
    }
    out
}

/// Remembers them, so that the page asks the writer about each; only for a writer who has proven themselves.
pub fn suggest(
    builder: &mut Builder<'_>,
    facts: &TicketFacts,
    mailed: &Mailed<'_>,
    author: &Person,
    verified: Verified,
) {
    if !verified.proven() || mailed.history {
        return;
    }
    for address in beside(builder, facts, mailed.mail, author) {
        builder.change(Change::Suggest { ticket: facts.ticket.number, person: author.id, address });
    }
}
