//! Which ticket a mail names, and how well its sender is proven.
//!
//! Domain proof (P1) comes in as a fact and is weighed in [`super::domain`]; reply proof (P2) is found here.

use super::alias::proves_reader;
use super::{domain, table};
use crate::desk::model::{
    DomainProof, IdHit, LetterHit, Mailed, Named, ProofReason, ReplyProof, Snapshot, Staff, TicketFacts,
    Verified, Who,
};
use crate::desk::rules::Rules;
use crate::desk::seal::{Reply, Tag};
use crate::mail::AddrSpec;

/// Reads what names a ticket, in the order: sealed address, ids, subject token.
pub fn examine(rules: &Rules, snapshot: &Snapshot, mailed: &Mailed<'_>, now: i64) -> Named {
    let sender = mailed.mail.from.address();
    let staff = sender.and_then(|s| snapshot.staff_by_address(s));
    let person = match staff {
        Some(s) => Some(s.person.id),
        None => sender.and_then(|s| snapshot.persons.get(s)).map(|p| p.id),
    };
    let (domain, domain_why) = domain::weigh(rules, snapshot, mailed, staff.is_some(), now);
    let mut out = Named { domain, ..Named::default() };
    let sealed = mailed.seals.tags.iter().find_map(|t| match t {
        Tag::Reply(r) => Some((*r, false)),
        Tag::Revoked(r) => Some((*r, true)),
        Tag::Bounce(_) | Tag::Leave(_) => None,
    });
    let weigher = ReplyWeigher { rules, snapshot, person, now };
    if let Some((reply, revoked)) = sealed {
        weigher.by_seal(&mut out, &reply, revoked);
    }
    weigher.by_ids(&mut out, mailed);
    let subject = mailed.seals.numbers.iter().copied().find(|n| snapshot.tickets.contains_key(n));
    if mailed.mail.by_form && out.reply == ReplyProof::Given {
        out.reply = ReplyProof::None;
    }
    let given = out.reply == ReplyProof::Given && still_inside(snapshot, &mut out, staff, sender);
    if let Some(n) = subject {
        let live = |t: i64| snapshot.live(t).map(|f| f.ticket.number);
        if sealed.is_some() && out.named.is_some_and(|t| live(t) != live(n)) {
            out.reply = ReplyProof::Torn;
        }
        if out.named.is_none() {
            out.named = Some(n);
        }
    }
    let released = mailed.facts.released.as_ref();
    out.named = out.named.or(released.and_then(|r| r.ticket));
    out.ticket = out.named.and_then(|n| snapshot.live(n)).map(|f| f.ticket.number);
    out.verified = match released {
        Some(r) if r.verified.proven() => r.verified,
        Some(_) | None => strongest(domain, given),
    };
    out.why = match (out.verified, released.is_some()) {
        (Verified::None, true) => ProofReason::Released,
        (Verified::Dkim | Verified::Dmarc, true) => ProofReason::ProvenWhenItCame,
        (Verified::Dkim | Verified::Dmarc, _) => ProofReason::Domain(domain_why),
        (Verified::ReplyAddress | Verified::MagicLink, _) => out.why,
        (Verified::None, false) if domain == DomainProof::Disproved => ProofReason::Domain(domain_why),
        (Verified::None, false) if out.why == ProofReason::NotExamined => ProofReason::Unproven(domain_why),
        (Verified::None, false) => out.why,
    };
    out
}

/// T14: an address or an id of a letter dies with the right of its owner. Who left the ticket proves
/// nothing by it.
fn still_inside(
    snapshot: &Snapshot,
    out: &mut Named,
    staff: Option<&Staff>,
    sender: Option<&AddrSpec>,
) -> bool {
    let live = out.named.and_then(|n| snapshot.live(n)).map(|f| f.ticket.number);
    let inside =
        staff.is_some() || sender.is_some_and(|s| table::identify(snapshot, s, live).0 == Who::Participant);
    if !inside {
        out.reply = ReplyProof::Foreign;
        out.why = ProofReason::LeftTicket;
    }
    inside
}

/// `verified` of INTERFACE. A counter-proof leaves nothing.
pub fn strongest(domain: DomainProof, given: bool) -> Verified {
    match (domain, given) {
        (DomainProof::Dkim, true | false) => Verified::Dkim,
        (DomainProof::Dmarc, true | false) => Verified::Dmarc,
        (DomainProof::Unknown, true) => Verified::ReplyAddress,
        (DomainProof::Unknown, false) | (DomainProof::Disproved, true | false) => Verified::None,
    }
}

/// Weighs reply proof (P2) for one sender.
struct ReplyWeigher<'a> {
    rules: &'a Rules,
    snapshot: &'a Snapshot,
    /// Who the sender is, if we know them.
    person: Option<i64>,
    /// Seconds since 1970.
    now: i64,
}

impl ReplyWeigher<'_> {
    /// T13, T14: the address proves only its owner, only while it and its key live, and names its ticket all
    /// the same.
    fn by_seal(&self, out: &mut Named, reply: &Reply, revoked: bool) {
        let Some(facts) = self.snapshot.tickets.get(&reply.ticket) else { return };
        out.named = Some(reply.ticket);
        if self.person != Some(reply.person) {
            out.reply = ReplyProof::Foreign;
            out.why = ProofReason::ReplyAddressOfAnother;
            return;
        }
        // Proof or not: this much stood in the letter that they answer.
        out.seen = (reply.message != 0).then_some(reply.message);
        if revoked {
            out.reply = ReplyProof::Expired;
            out.why = ProofReason::ReplyAddressRevoked;
        } else if reply.ends_at < self.now || self.closed_too_long(facts) {
            out.reply = ReplyProof::Expired;
            out.why = ProofReason::ReplyAddressExpired;
        } else {
            out.reply = ReplyProof::Given;
            out.why = ProofReason::ReplyAddress;
        }
    }

    /// The ticket was closed so long ago that nothing about it proves anything (T14).
    fn closed_too_long(&self, facts: &TicketFacts) -> bool {
        let closed = facts.ticket.closed_at.filter(|_| facts.ticket.merged_into.is_none());
        closed.is_some_and(|at| at + i64::from(self.rules.reply_address_days_closed) * 86_400 < self.now)
    }

    /// Why a letter proves nothing any more: it dies as the reply address in it does (T14), or who answers an
    /// old notice in their mail client would prove by its id what its address no longer proves.
    fn no_longer(&self, hit: &IdHit, letter: &LetterHit) -> Option<ProofReason> {
        let facts = hit.ticket.and_then(|n| self.snapshot.tickets.get(&n));
        let ends_at = letter.created_at + i64::from(self.rules.reply_address_days + 1) * 86_400;
        if letter.generation != self.rules.keys.newest() {
            Some(ProofReason::LetterRevoked)
        } else if ends_at < self.now || facts.is_some_and(|f| self.closed_too_long(f)) {
            Some(ProofReason::LetterTooOld)
        } else {
            None
        }
    }

    /// THREATS, words, P2: an id of ours that went to this person alone is proof while that letter lives; any
    /// other known id only names a ticket.
    fn by_ids(&self, out: &mut Named, mailed: &Mailed<'_>) {
        let ids = &mailed.seals.answered;
        let hits =
            ids.iter().filter_map(|id| self.snapshot.ids.iter().find(|h| h.id == *id && h.ticket.is_some()));
        for hit in hits {
            let here = out.named.is_none() || out.named == hit.ticket;
            if let Some(letter) = &hit.letter
                && letter.person == self.person
                && self.person.is_some()
                && here
                && proves_reader(self.rules, &hit.id)
            {
                out.named = hit.ticket;
                out.seen = out.seen.or(letter.message);
                match self.no_longer(hit, letter) {
                    None if out.reply == ReplyProof::Given => return,
                    None => {
                        out.reply = ReplyProof::Given;
                        out.why = ProofReason::Letter;
                        return;
                    }
                    Some(why) if out.reply == ReplyProof::None => {
                        out.reply = ReplyProof::Expired;
                        out.why = why;
                    }
                    Some(_) => {}
                }
            }
            if out.named.is_none() {
                out.named = hit.ticket;
            }
        }
    }
}
