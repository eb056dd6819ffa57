//! A mail came. Proof, then right, then guard and limit; every mail has exactly one outcome.

use super::gather::Asked;
use super::staff::{query, reply};
use super::{answerable, customer, digest_reply, other_size, report};
use crate::desk::builder::decision::Builder;
use crate::desk::model::probe::Returned;
use crate::desk::model::{
    Cause, Change, Decision, Mailed, Moment, Named, Outcome, Person, Reason, ReplyProof, Snapshot, Spam,
    Staff, Who,
};
use crate::desk::proof::table::{self, Row};
use crate::desk::rules::Rules;
use crate::desk::seal::Tag;
use crate::desk::{hold, notify};
use crate::mail::{AddrSpec, Mailbox, MessageId, ReportKind, Sender, dkim, parse};

/// What follows from a mail. One that was held and is let go ends its hold, unless it stays held.
pub fn decide(
    rules: &Rules,
    known: &Snapshot,
    mailed: &Mailed<'_>,
    asked: &Asked,
    moment: Moment,
) -> Decision {
    let decision = decide_anew(rules, known, mailed, asked, moment);
    let decision = match mailed.facts.other_size {
        Some(size) => other_size::mark(decision, size),
        None => decision,
    };
    match &mailed.facts.released {
        Some(released) => hold::end_hold(decision, released),
        None => decision,
    }
}

fn decide_anew(
    rules: &Rules,
    known: &Snapshot,
    mailed: &Mailed<'_>,
    asked: &Asked,
    moment: Moment,
) -> Decision {
    let builder = Builder::new(rules, known, moment);
    if let Some(odd) = find_odd(rules, known, mailed) {
        return decide_odd(builder, mailed, odd);
    }
    let address = match sender(known, mailed) {
        Ok(address) => address,
        Err(why) => return hold::keep_without_acting(builder, Cause::Quarantine, None, None, why),
    };
    let named = &known.weighed.named;
    let (who, staff) = table::identify(known, address, named.ticket);
    let row = table_row(&builder, mailed, named, who);
    let of_digest = digest_reply::classify(&builder, mailed, named, address);
    let of_digest = of_digest.filter(|_| row != Row::Quarantine && mailed.facts.released.is_none());
    let mut decision = match of_digest {
        Some(next) => digest_reply::decide_digest_reply(builder, staff, named, next),
        None => decide_row(builder, (mailed, asked), named, staff, row),
    };
    if who == Who::Staff && of_digest.is_none() {
        let new = fingerprints(mailed).into_iter().map(|fingerprint| Change::Signature { fingerprint });
        decision.changes.extend(new);
    }
    Decision { verified: named.verified, who, why: named.why, ..decision }
}

/// A mail that is decided before anybody asks who wrote it.
enum Odd {
    /// It is kept without being read further, and why.
    Unread(Reason),
    /// It was taken in before.
    Duplicate,
    /// T27: it is our own, and why we think so.
    Ours(Reason),
    /// T120: it is sent as the desk, without our seal, and names nobody else who wrote it.
    AsTheDesk,
    /// A report about a probe.
    OfProbe(Returned),
    /// Another report.
    Report,
    /// It came to the bounce address of this letter.
    AtBounceAddress(MessageId),
}

fn find_odd(rules: &Rules, known: &Snapshot, mailed: &Mailed<'_>) -> Option<Odd> {
    let mail = mailed.mail;
    if let Some(why) = &mailed.facts.without_bytes {
        return Some(Odd::Unread(Reason::WithoutBytes(why.clone())));
    }
    if let Some(why) = &mailed.facts.fault {
        return Some(Odd::Unread(Reason::Fault(why.clone())));
    }
    if mail.defects.contains(&parse::UNREAD) {
        return Some(Odd::Unread(Reason::Unread));
    }
    if known.duplicate.is_some() {
        return Some(Odd::Duplicate);
    }
    if mailed.seals.is_our_letter && mail.report.is_none() {
        return Some(Odd::Ours(Reason::OurLetter));
    }
    if mail.from.address().is_some_and(|a| rules.own.contains(a)) && mail.report.is_none() {
        // T120: only our seal makes a loop. What lay there before the desk is nobody's business.
        let quiet = mailed.history || mailed.facts.probe.is_some();
        return Some(if quiet { Odd::Ours(Reason::FromTheDesk) } else { Odd::AsTheDesk });
    }
    if mail.report.as_ref().is_some_and(|r| r.kind != ReportKind::Other) {
        return Some(mailed.facts.probe.clone().map_or(Odd::Report, Odd::OfProbe));
    }
    mailed.seals.tags.iter().find_map(|t| match t {
        Tag::Bounce(id) => Some(Odd::AtBounceAddress(id.clone())),
        Tag::Reply(_) | Tag::Revoked(_) | Tag::Leave(_) => None,
    })
}

fn decide_odd(mut builder: Builder<'_>, mailed: &Mailed<'_>, odd: Odd) -> Decision {
    match odd {
        Odd::Unread(why) => hold::keep_without_acting(builder, Cause::Other, None, None, why),
        Odd::Duplicate => builder.finish(Outcome::Duplicate, Reason::Duplicate, None),
        Odd::Ours(why) => probe_or_loop(builder, mailed, why),
        Odd::AsTheDesk => {
            let other =
                |m: &Mailbox| AddrSpec::parse(&m.address).is_some_and(|a| !builder.rules.own.contains(&a));
            // A letter by hand to somebody else, of which the mailbox has a copy, can wait for the digest.
            if !mailed.mail.to.iter().any(other) {
                notify::tell_of_held(&mut builder, mailed);
            }
            hold::keep_without_acting(builder, Cause::Other, None, None, Reason::FromTheDesk)
        }
        // A probe leaves nothing behind but what it found out, and its report neither.
        Odd::OfProbe(returned) => {
            builder.change(Change::Probe { mailbox: mailed.mailbox.map(str::to_owned), returned });
            builder.finish(Outcome::Report, Reason::ReportOfProbe, None)
        }
        Odd::Report => report::decide_report(builder, mailed),
        Odd::AtBounceAddress(id) => report::at_bounce_address(builder, mailed, &id),
    }
}

/// The one sender; or why there is none whom anybody would hear.
fn sender<'a>(known: &Snapshot, mailed: &'a Mailed<'_>) -> Result<&'a AddrSpec, Reason> {
    let address = match &mailed.mail.from {
        Sender::One { address, .. } => address,
        Sender::Unclear { why, .. } => return Err(Reason::UnclearSender((*why).to_owned())),
        Sender::Missing => return Err(Reason::NoSender),
    };
    // Who is staff by now was trusted since.
    let kept_away = |p: &Person| match p.spam {
        Spam::No => false,
        Spam::Unproven => !known.weighed.named.verified.proven(),
        Spam::Always => true,
    };
    let spam = known.persons.get(address).is_some_and(kept_away) && known.staff_by_address(address).is_none();
    match spam && mailed.facts.released.is_none() {
        true => Err(Reason::Spam),
        false => Ok(address),
    }
}

/// What follows from the row of the decision table.
fn decide_row(
    builder: Builder<'_>,
    (mailed, asked): (&Mailed<'_>, &Asked),
    named: &Named,
    staff: Option<&Staff>,
    row: Row,
) -> Decision {
    let block = &asked.block;
    match (row, staff, query::question_of(builder.known, mailed, asked)) {
        // T18: it acts on nothing, and nobody hears of it.
        (Row::Hold | Row::Obey | Row::Quarantine, Some(staff), _) if mailed.history => {
            let why = Reason::HistoryOfStaff;
            let cause = if row == Row::Quarantine { Cause::Quarantine } else { Cause::Other };
            let person = Some(staff.person.id);
            hold::keep_without_acting(builder, cause, named.ticket, person, why)
        }
        (Row::Hold | Row::Obey, Some(staff), Some(question)) => {
            query::answer_question(builder, mailed, named, staff, question)
        }
        (Row::Quarantine, ..) => {
            hold::keep_and_notify(builder, staff, named, Cause::Quarantine, Reason::Proof(named.why))
        }
        (Row::Hold, ..) => hold::keep_and_notify(builder, staff, named, Cause::Unproven, why_held(named)),
        (Row::Obey, Some(staff), None) => reply::decide_reply(builder, mailed, block, named, staff),
        (Row::Append | Row::Obey, ..) => customer::append_to_ticket(builder, mailed, block, named),
        (Row::File, ..) => customer::file_automatic(builder, mailed, named, staff.is_some()),
        (Row::Own, ..) => customer::open_ticket(builder, mailed, named),
    }
}

/// T27: nothing follows from our own mail, but what a probe found out.
fn probe_or_loop(mut builder: Builder<'_>, mailed: &Mailed<'_>, why: Reason) -> Decision {
    if let Some(returned) = mailed.facts.probe.clone() {
        builder.change(Change::Probe { mailbox: mailed.mailbox.map(str::to_owned), returned });
    }
    builder.finish(Outcome::Loop, why, None)
}

/// The row of the decision table; a mail that was held and released stands in that of a proven one.
fn table_row(builder: &Builder<'_>, mailed: &Mailed<'_>, named: &Named, who: Who) -> Row {
    let automatic = answerable::automatic(builder.rules, mailed).is_some();
    match (mailed.facts.released.is_some(), who) {
        // T31: a machine's mail is filed and no more, whoever lets it go.
        (true, Who::Staff | Who::Participant) if automatic && named.ticket.is_some() => Row::File,
        (true, Who::Staff) => Row::Obey,
        (true, Who::Participant) => Row::Append,
        (true, Who::Stranger) | (false, _) => {
            table::row_for(who, automatic, named.domain, named.reply, builder.rules.staff_proof)
        }
    }
}

/// The signatures of a mail of staff, which count once (T107). About history nobody was asked: all of it is
/// remembered.
fn fingerprints(mailed: &Mailed<'_>) -> Vec<[u8; 32]> {
    match mailed.history {
        true => mailed.mail.signatures.good.iter().map(dkim::Signature::fingerprint).collect(),
        false => mailed.facts.domain.fingerprints(),
    }
}

/// What a mail that was not proven enough lacks.
fn why_held(named: &Named) -> Reason {
    match (named.reply, named.domain) {
        (ReplyProof::Torn, _) => Reason::Torn,
        _ if named.verified.proven() => Reason::ProofNotEnough(named.why),
        _ => Reason::Proof(named.why),
    }
}

#[cfg(test)]
mod tests;
