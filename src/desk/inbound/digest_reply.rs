//! What an answer to the daily digest is, and who leaves it by a mail (RFC 8058, table H).

use super::answerable;
use crate::desk::builder::decision::Builder;
use crate::desk::hold;
use crate::desk::letter::digest as letter;
use crate::desk::model::{
    Cause, Change, Decision, LetterKind, Mailed, Named, Outcome, Reason, ReplyProof, Snapshot, Staff,
};
use crate::desk::rules::Rules;
use crate::desk::seal::{self, Tag};
use crate::mail::AddrSpec;

/// A mail that follows from a digest: its writer leaves it, or answers it, or is a machine. `None`: it has
/// nothing to do with one.
pub fn classify(
    builder: &Builder<'_>,
    mail: &Mailed<'_>,
    named: &Named,
    sender: &AddrSpec,
) -> Option<DigestReply> {
    let staff = builder.known.staff_by_address(sender);
    if let Some(staff) = staff
        && persons_leaving(builder.rules, mail).contains(&staff.person.id)
    {
        return Some(DigestReply::Leaves(staff.person.id));
    }
    let answers =
        mail.seals.answered[..mail.mail.in_reply_to.len()].iter().any(|id| is_digest(builder.known, id));
    if !answers || named.reply == ReplyProof::Given {
        return None;
    }
    Some(if answerable::automatic(builder.rules, mail).is_some() {
        DigestReply::Machine
    } else {
        DigestReply::Answers
    })
}

/// What a mail wants with a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestReply {
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
fn persons_leaving(rules: &Rules, mail: &Mailed<'_>) -> Vec<i64> {
    let by_address = mail.seals.tags.iter().filter_map(|t| match t {
        Tag::Leave(person) => Some(*person),
        Tag::Reply(_) | Tag::Revoked(_) | Tag::Bounce(_) => None,
    });
    let word = mail.mail.subject.trim().strip_prefix(letter::UNSUBSCRIBE).map(str::trim);
    by_address.chain(word.and_then(|id| seal::read_leave_id(&rules.keys, id))).collect()
}

/// What follows from such a mail.
pub fn decide_digest_reply(
    builder: Builder<'_>,
    staff: Option<&Staff>,
    named: &Named,
    next: DigestReply,
) -> Decision {
    match next {
        DigestReply::Leaves(person) => leave_digest(builder, person),
        DigestReply::Answers => {
            hold::keep_and_notify(builder, staff, named, Cause::Quarantine, Reason::AnswersDigest)
        }
        DigestReply::Machine => builder.finish(Outcome::Loop, Reason::MachineAnswersDigest, None),
    }
}

/// The mail of somebody who leaves: nothing is answered.
pub fn leave_digest(mut builder: Builder<'_>, person: i64) -> Decision {
    builder.change(Change::Digest { person, on: false });
    builder.audit(&format!("person:{person}"), "digest-off", format!("person:{person}"), "by mail");
    builder.finish(Outcome::Query, Reason::LeavesDigest, None)
}
