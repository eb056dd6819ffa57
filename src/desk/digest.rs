//! The daily digest: one letter at the start of the working day for staff who want it instead of single
//! notices, and for all staff on days on which something must not be forgotten. Who gets it no more, and what
//! an answer to it is.

use super::letter::digest as letter;
use super::model::ReplyProof;
pub use super::model::hour::{Morning, News, What};
use super::proof::Named;
use super::seal::{self, Tag};
use super::work::{self, Work};
use super::{
    Change, Decision, LetterKind, Mailed, Outcome, Rules, Snapshot, Staff, TicketFacts, guard, mailed, proof,
};
use crate::mail::AddrSpec;

/// Why an answer to a digest is quarantined (table H).
pub const ANSWERED: &str = "an answer to the daily digest, which nobody reads";
/// Why the answer of a machine to one is kept, and no more.
pub const MACHINE: &str = "an automatic answer to the daily digest";

/// What one person is told: how many, and in which tickets.
#[derive(Debug, Default)]
pub struct Told {
    pub counts: [i64; 3],
    pub tickets: [Vec<i64>; 3],
}

/// Sends what there is to send, and remembers that this day was told.
pub fn send(work: &mut Work<'_>, morning: &Morning) {
    work.change(Change::DigestTold { at: morning.at, message: morning.message, ticket: morning.ticket });
    for staff in &work.known.staff {
        let wants = work.known.digest.contains(&staff.person.id);
        let told = if wants { told(work.rules, work.known, staff, &morning.news) } else { Told::default() };
        let waits = morning.held > 0 || !morning.overdue.is_empty();
        if waits || told.counts.iter().any(|n| *n > 0) {
            letter::send(work, &staff.person, morning, wants.then_some(&told));
        }
    }
}

/// What concerns a person, but for what he did himself.
fn told(rules: &Rules, known: &Snapshot, staff: &Staff, news: &[News]) -> Told {
    let mut out = Told::default();
    for n in news.iter().filter(|n| n.author != Some(staff.person.id)) {
        let whom = work::concerned(rules, known, n.assignee, n.mailbox.as_deref(), n.category.as_deref());
        if whom.iter().any(|s| s.person.id == staff.person.id) {
            let at = n.what as usize;
            out.counts[at] += n.count;
            if out.tickets[at].last() != Some(&n.ticket) {
                out.tickets[at].push(n.ticket);
            }
        }
    }
    out
}

/// Those whom a ticket concerns and whom no letter a day tells of it. What is his own, or watched, is told at
/// once.
pub fn singly(work: &Work<'_>, facts: &TicketFacts, writer: Option<i64>) -> Vec<Staff> {
    let his = |id: i64| facts.ticket.assignee == Some(id) || facts.watchers.contains(&id);
    let waits = |s: &Staff| work.known.digest.contains(&s.person.id) && !his(s.person.id);
    work.concerned(facts, writer).into_iter().filter(|s| !waits(s)).collect()
}

/// A mail that follows from a digest: its writer leaves it, or answers it, or is a machine. `None`: it has
/// nothing to do with one.
pub fn decide(work: &Work<'_>, mail: &Mailed<'_>, named: &Named, sender: &AddrSpec) -> Option<Next> {
    let staff = work.known.staff_by_address(sender);
    if let Some(staff) = staff
        && leaving(work.rules, mail).contains(&staff.person.id)
    {
        return Some(Next::Leaves(staff.person.id));
    }
    let answers = mail.mail.in_reply_to.iter().map(mailed::canonical_id).any(|id| is_digest(work.known, &id));
    if !answers || named.reply == ReplyProof::Given {
        return None;
    }
    Some(if guard::automatic(work.rules, mail).is_some() { Next::Machine } else { Next::Answers })
}

/// What a mail wants with a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// This person gets it no more.
    Leaves(i64),
    /// Table H: an answer is quarantined.
    Answers,
    /// Kept, and nothing follows: were it held, tomorrow's digest would count it and be answered again.
    Machine,
}

/// Is this the id of a digest of ours?
pub fn is_digest(known: &Snapshot, id: &crate::mail::MessageId) -> bool {
    known.ids.iter().any(|h| h.id == *id && h.letter.as_ref().is_some_and(|l| l.kind == LetterKind::Digest))
}

/// The persons whose sealed address, or word in the subject, the mail bears (mailto of List-Unsubscribe).
fn leaving(rules: &Rules, mail: &Mailed<'_>) -> Vec<i64> {
    let by_address = proof::tags(rules, mail).into_iter().filter_map(|t| match t {
        Tag::Leave(person) => Some(person),
        Tag::Reply(_) | Tag::Revoked(_) | Tag::Bounce(_) => None,
    });
    let word = mail.mail.subject.trim().strip_prefix(letter::UNSUBSCRIBE).map(str::trim);
    by_address.chain(word.and_then(|id| seal::read_leave_id(&rules.keys, id))).collect()
}

/// The mail of somebody who leaves: nothing is answered.
pub fn left(mut work: Work<'_>, person: i64) -> Decision {
    work.change(Change::Digest { person, on: false });
    work.audit(&format!("person:{person}"), "digest-off", format!("person:{person}"), "by mail");
    work.finish(Outcome::Query, "its writer gets the daily digest no more", None)
}

#[cfg(test)]
mod tests;
