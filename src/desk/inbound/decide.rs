//! A mail came. Proof, then right, then guard and limit; every mail has exactly one outcome.

use super::staff::{query, reply};
use super::{answerable, customer, digest_reply, report};
use crate::desk::builder::builder::Builder;
use crate::desk::model::{Cause, Change, Decision, Mailed, Moment, Outcome, ReplyProof, Snapshot, Who};
use crate::desk::proof::named::{self, Named};
use crate::desk::proof::table::{self, Row};
use crate::desk::rules::Rules;
use crate::desk::seal::{self, Tag};
use crate::desk::{hold, probe};
use crate::mail::{Sender, dkim, parse};

/// What follows from a mail. One that was held and is let go ends its hold, unless it stays held.
pub fn decide(rules: &Rules, known: &Snapshot, mailed: &Mailed<'_>, moment: Moment) -> Decision {
    let decision = decide_anew(rules, known, mailed, moment);
    match &mailed.facts.released {
        Some(released) => hold::end_hold(decision, released),
        None => decision,
    }
}

fn decide_anew(rules: &Rules, known: &Snapshot, mailed: &Mailed<'_>, moment: Moment) -> Decision {
    let mut builder = Builder::new(rules, known, moment);
    let mail = mailed.mail;
    if let Some(why) = &mailed.facts.fault {
        return hold::keep_without_acting(builder, false, None, None, why);
    }
    if mail.defects.contains(&parse::UNREAD) {
        return hold::keep_without_acting(
            builder,
            false,
            None,
            None,
            "the program could not read this mail (a bug)",
        );
    }
    if known.duplicate.is_some() {
        return builder.finish(Outcome::Duplicate, "this mail was taken in before", None);
    }
    // T27: our own letters that come back, and mail from our own addresses, are kept and nothing follows.
    if mail.loop_marks.iter().any(|m| seal::is_loop_mark(&rules.keys, rules.domain(), m))
        && mail.report.is_none()
    {
        return probe_or_loop(builder, mailed, "a letter of this desk came back");
    }
    if mail.from.address().is_some_and(|a| rules.own.contains(a)) {
        return probe_or_loop(builder, mailed, "its sender is the desk itself");
    }
    if mail.report.as_ref().is_some_and(|r| r.kind != crate::mail::ReportKind::Other) {
        // A probe leaves nothing behind but what it found out, and its report neither.
        if let Some(returned) = probe::returned(rules, mail, mailed.raw, &mailed.facts.domain) {
            builder.change(Change::Probe { mailbox: mailed.mailbox.map(str::to_owned), returned });
            return builder.finish(Outcome::Report, "a report about a probe of this desk", None);
        }
        return report::decide_report(builder, mailed);
    }
    let bounced_to = named::sealed_tags(rules, mailed).into_iter().find_map(|t| match t {
        Tag::Bounce(id) => Some(id),
        Tag::Reply(_) | Tag::Revoked(_) | Tag::Leave(_) => None,
    });
    if let Some(id) = bounced_to {
        return report::at_bounce_address(builder, mailed, &id);
    }
    let (name, address) = match &mail.from {
        Sender::One { name, address } => (name, address),
        Sender::Unclear { why, .. } => {
            return hold::keep_without_acting(
                builder,
                true,
                None,
                None,
                &format!("its From field is not clear: {why}"),
            );
        }
        Sender::Missing => return hold::keep_without_acting(builder, true, None, None, "it names no sender"),
    };
    // Who is staff by now was trusted since.
    let spam =
        known.persons.get(address).is_some_and(|p| p.spam) && known.staff_by_address(address).is_none();
    if spam && mailed.facts.released.is_none() {
        return hold::keep_without_acting(builder, true, None, None, "its sender was marked as spam");
    }
    let named = named::examine(rules, known, mailed, builder.now());
    let (who, staff) = table::identify(known, address, named.ticket);
    let row = table_row(&builder, mailed, &named, who);
    let of_digest = digest_reply::classify(&builder, mailed, &named, address);
    if let Some(next) = of_digest.filter(|_| row != Row::Quarantine && mailed.facts.released.is_none()) {
        let decision = match next {
            digest_reply::Next::Leaves(person) => digest_reply::leave_digest(builder, person),
            digest_reply::Next::Answers => {
                hold::keep_and_notify(builder, staff, &named, Cause::Quarantine, digest_reply::ANSWERED)
            }
            digest_reply::Next::Machine => builder.finish(Outcome::Loop, digest_reply::MACHINE, None),
        };
        return Decision { verified: named.verified, who, why: named.why, ..decision };
    }
    let asked = query::question_of(rules, known, mailed);
    let decision = match (row, staff, asked) {
        // T18: it acts on nothing, and nobody hears of it.
        (Row::Hold | Row::Obey | Row::Quarantine, Some(staff), _) if mailed.history => {
            hold::keep_without_acting(
                builder,
                row == Row::Quarantine,
                named.ticket,
                Some(staff.person.id),
                "it was there before the desk, in the name of staff",
            )
        }
        (Row::Hold | Row::Obey, Some(staff), Some(asked)) => {
            query::answer_question(builder, mailed, &named, staff, asked)
        }
        (Row::Quarantine, ..) => hold::keep_and_notify(builder, staff, &named, Cause::Quarantine, &named.why),
        (Row::Hold, ..) => hold::keep_and_notify(builder, staff, &named, Cause::Unproven, &why_held(&named)),
        (Row::Obey, Some(staff), None) => reply::decide_reply(builder, mailed, &named, staff),
        (Row::Append | Row::Obey, ..) => customer::append_to_ticket(builder, mailed, &named, address),
        (Row::File, ..) => customer::file_automatic(builder, mailed, &named, staff.is_some()),
        (Row::Own, ..) => customer::open_ticket(builder, mailed, &named, name, address),
    };
    let mut decision = Decision { verified: named.verified, who, why: named.why, ..decision };
    if who == Who::Staff {
        decision
            .changes
            .extend(fingerprints(mailed).into_iter().map(|fingerprint| Change::Signature { fingerprint }));
    }
    decision
}

/// T27: nothing follows from our own mail, but what a probe found out.
fn probe_or_loop(mut builder: Builder<'_>, mailed: &Mailed<'_>, why: &str) -> Decision {
    if let Some(returned) = probe::returned(builder.rules, mailed.mail, mailed.raw, &mailed.facts.domain) {
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
        true => dkim::signatures(&mailed.raw.bytes()).good.iter().map(dkim::Signature::fingerprint).collect(),
        false => mailed.facts.domain.fingerprints(),
    }
}

/// What a mail that was not proven enough lacks.
fn why_held(named: &Named) -> String {
    match (named.reply, named.domain) {
        (ReplyProof::Torn, _) => "its reply address and its subject name different tickets".into(),
        _ if named.verified.proven() => {
            format!("{}, which is not enough on this desk (staff_proof = \"both\")", named.why)
        }
        _ => named.why.clone(),
    }
}

#[cfg(test)]
mod tests;
