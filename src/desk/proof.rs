//! Who really wrote this: the decision table of THREATS.md, in one place.
//!
//! Domain proof (P1) comes in as a fact; so far nothing asks for it. Reply proof (P2) is found here.

use super::seal::{self, Reply, Tag};
use super::{Mailed, Rules, Snapshot, Staff, token};
use crate::mail::{AddrSpec, MessageId};

/// What the network said about a mail before the transaction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    pub domain: DomainProof,
    /// An operator released this mail: his word stands for the proof.
    pub released: bool,
}

/// Domain proof (P1) and its opposite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DomainProof {
    /// Not asked, or nothing came of it: no proof.
    #[default]
    Unknown,
    Dkim,
    Dmarc,
    /// Counter-proof: it beats everything.
    Disproved,
}

/// `verified` of INTERFACE: the strongest proof.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Verified {
    Dkim,
    Dmarc,
    ReplyAddress,
    MagicLink,
    #[default]
    None,
}

impl Verified {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dkim => "dkim",
            Self::Dmarc => "dmarc",
            Self::ReplyAddress => "reply-address",
            Self::MagicLink => "magic-link",
            Self::None => "none",
        }
    }

    /// As it is kept; what is no word of ours proves nothing.
    pub fn from_word(word: &str) -> Self {
        let all = [Self::Dkim, Self::Dmarc, Self::ReplyAddress, Self::MagicLink];
        all.into_iter().find(|v| v.as_str() == word).unwrap_or_default()
    }

    pub fn proven(self) -> bool {
        self != Self::None
    }
}

/// Whom the From address belongs to, as seen from the ticket that the mail names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Who {
    Staff,
    Participant,
    #[default]
    Stranger,
}

impl Who {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Participant => "participant",
            Self::Stranger => "stranger",
        }
    }
}

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
    /// A new ticket of his own.
    Own,
    /// Automatic mail: attached or kept, nothing follows.
    File,
}

/// The decision table: total, without a wildcard over `Who`.
pub fn row(who: Who, verified: Verified, domain: DomainProof, automatic: bool) -> Row {
    let disproved = domain == DomainProof::Disproved;
    match (who, disproved, automatic) {
        (Who::Staff, true, true | false) => Row::Quarantine,
        (Who::Participant, true, true | false) => Row::Hold,
        (Who::Staff | Who::Participant, false, true) => Row::File,
        (Who::Stranger, true | false, true | false) => Row::Own,
        (Who::Staff, false, false) if verified.proven() => Row::Obey,
        (Who::Staff, false, false) => Row::Hold,
        (Who::Participant, false, false) => Row::Append,
    }
}

/// What a mail says about the ticket it belongs to, and how well that is proven.
#[derive(Debug, Clone, Default)]
pub struct Named {
    /// The live ticket that it hangs on, if it may.
    pub ticket: Option<i64>,
    /// The ticket as it was named, before merges.
    pub named: Option<i64>,
    pub verified: Verified,
    /// The newest message that the writer had seen.
    pub seen: Option<i64>,
    /// Reply address and subject name different tickets (staff: held).
    pub torn: bool,
    /// One sentence.
    pub why: String,
}

/// Every address of ours that the mail came to, with what it carries.
pub fn tags(rules: &Rules, mailed: &Mailed<'_>) -> Vec<Tag> {
    let shown = mailed.mail.to.iter().chain(&mailed.mail.cc).filter_map(|m| AddrSpec::parse(&m.address));
    let all = shown.chain(mailed.mail.delivered_to.iter().cloned()).chain(mailed.recipient.cloned());
    let mut out = Vec::new();
    for address in all.filter(|a| rules.own.contains(a)) {
        if let Some(tag) = seal::read(&rules.keys, rules.domain(), &address, rules.separator)
            && !out.contains(&tag)
        {
            out.push(tag);
        }
    }
    out
}

/// Reads what names a ticket, in the order: sealed address, ids, subject token.
pub fn named(rules: &Rules, snapshot: &Snapshot, mailed: &Mailed<'_>, now: i64) -> Named {
    let sender = mailed.mail.from.address();
    let staff = sender.and_then(|s| snapshot.staff_by_address(s));
    let person = match staff {
        Some(s) => Some(s.person.id),
        None => sender.and_then(|s| snapshot.persons.get(s)).map(|p| p.id),
    };
    let mut out =
        Named { verified: domain_verified(mailed.facts.domain), why: "nothing proves the sender".into(), ..Named::default() };
    let sealed = tags(rules, mailed).into_iter().find_map(|t| match t {
        Tag::Reply(r) => Some(r),
        Tag::Bounce(_) => None,
    });
    let subject = token::numbers(&mailed.mail.subject, &rules.prefix).into_iter().find(|n| snapshot.tickets.contains_key(n));
    if let Some(reply) = sealed {
        by_seal(snapshot, &mut out, &reply, person, now, rules);
    }
    by_ids(snapshot, mailed, &mut out, person);
    if let Some(n) = subject {
        let other =
            out.named.is_some_and(|t| snapshot.live(t).map(|f| f.ticket.number) != snapshot.live(n).map(|f| f.ticket.number));
        out.torn = sealed.is_some() && other;
        if out.named.is_none() {
            out.named = Some(n);
        }
    }
    out.ticket = out.named.and_then(|n| snapshot.live(n)).map(|f| f.ticket.number);
    if mailed.facts.released && !out.verified.proven() {
        out.why = "an operator released it".into();
    }
    out
}

fn domain_verified(domain: DomainProof) -> Verified {
    match domain {
        DomainProof::Dkim => Verified::Dkim,
        DomainProof::Dmarc => Verified::Dmarc,
        DomainProof::Unknown | DomainProof::Disproved => Verified::None,
    }
}

/// T13, T14: the address proves only its owner, only while it lives, and names its ticket all the same.
fn by_seal(snapshot: &Snapshot, out: &mut Named, reply: &Reply, person: Option<i64>, now: i64, rules: &Rules) {
    let Some(facts) = snapshot.tickets.get(&reply.ticket) else { return };
    out.named = Some(reply.ticket);
    let closed_too_long = facts.ticket.merged_into.is_none()
        && facts.ticket.closed_at.is_some_and(|at| at + i64::from(rules.reply_address_days_closed) * 86_400 < now);
    if person != Some(reply.person) {
        out.why = "the reply address was given to somebody else".into();
    } else if reply.ends_at < now || closed_too_long {
        out.why = "the reply address has expired".into();
    } else {
        out.seen = (reply.message != 0).then_some(reply.message);
        prove(out, "it came to the reply address that was given to this person alone");
    }
}

/// THREATS, words, P2: an id of ours that went to this person alone is proof; any other known id only names a ticket.
fn by_ids(snapshot: &Snapshot, mailed: &Mailed<'_>, out: &mut Named, person: Option<i64>) {
    let named = mailed.mail.in_reply_to.iter().chain(mailed.mail.references.iter().rev());
    let ids: Vec<MessageId> = named.map(super::mailed::canonical_id).collect();
    let hits = ids.iter().filter_map(|id| snapshot.ids.iter().find(|h| h.id == *id && h.ticket.is_some()));
    for hit in hits {
        let here = out.named.is_none() || out.named == hit.ticket;
        if let Some(letter) = &hit.letter
            && letter.person == person
            && person.is_some()
            && here
        {
            out.named = hit.ticket;
            out.seen = out.seen.or(letter.message);
            if !out.verified.proven() {
                prove(out, "it answers a letter that went to this person alone");
            }
            return;
        }
        if out.named.is_none() {
            out.named = hit.ticket;
        }
    }
}

fn prove(out: &mut Named, why: &str) {
    if !out.verified.proven() {
        out.verified = Verified::ReplyAddress;
    }
    out.why = why.into();
}

/// Who the sender is, seen from the ticket that was named.
pub fn who<'a>(snapshot: &'a Snapshot, sender: &AddrSpec, ticket: Option<i64>) -> (Who, Option<&'a Staff>) {
    if let Some(staff) = snapshot.staff_by_address(sender) {
        return (Who::Staff, Some(staff));
    }
    let inside = ticket
        .and_then(|n| snapshot.tickets.get(&n))
        .is_some_and(|f| f.requester.address == *sender || f.participants.iter().any(|p| p.address == *sender));
    (if inside { Who::Participant } else { Who::Stranger }, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// THREATS.md, the decision table: every row that can be told apart today.
    #[test]
    fn the_decision_table() {
        use {DomainProof as D, Row as R, Verified as V, Who as W};
        let table = [
            (W::Staff, V::ReplyAddress, D::Unknown, false, R::Obey),
            (W::Staff, V::Dkim, D::Dkim, false, R::Obey),
            (W::Staff, V::None, D::Unknown, false, R::Hold),
            (W::Staff, V::ReplyAddress, D::Disproved, false, R::Quarantine),
            (W::Staff, V::ReplyAddress, D::Unknown, true, R::File),
            (W::Participant, V::ReplyAddress, D::Unknown, false, R::Append),
            (W::Participant, V::None, D::Unknown, false, R::Append),
            (W::Participant, V::None, D::Disproved, false, R::Hold),
            (W::Participant, V::ReplyAddress, D::Unknown, true, R::File),
            (W::Stranger, V::None, D::Unknown, false, R::Own),
            (W::Stranger, V::ReplyAddress, D::Unknown, false, R::Own),
            (W::Stranger, V::None, D::Unknown, true, R::Own),
            (W::Stranger, V::None, D::Disproved, false, R::Own),
        ];
        for (who, verified, domain, automatic, expected) in table {
            assert_eq!(row(who, verified, domain, automatic), expected, "{who:?} {verified:?} {domain:?} {automatic}");
        }
    }
}
