//! A mail came. Proof, then right, then guard and limit; every mail has exactly one outcome.

use super::letter::{self, confirmation, notification};
use super::model::message::as_message;
use super::proof::{self, Named, Row};
use super::seal::Tag;
use super::work::Work;
use super::{
    Cause, Change, Clock, Decision, Kind, Mailed, Moment, NewMessage, Outcome, Person, Questions, ReplyProof,
    Rules, Snapshot, Staff, Status, TicketFacts, Verified, Who, bounce, command, digest, guard, participants,
    query, sealed, staffed, token,
};
pub use crate::mail::ses::{SES_DOMAIN, canonical_id};
use crate::mail::{AddrSpec, Line, OutFile, Sender, dkim, parse};
use std::borrow::Cow;

/// A summary of held-back notices leaves after so many seconds (T18, T29).
const SUMMARY_SECS: i64 = 120;
/// A Date field that is off by more than this is pointed out (T22).
const DATE_OFF_SECS: i64 = 48 * 3600;

/// Everything that a mail names and that must be known to decide it.
pub fn questions(rules: &Rules, mailed: &Mailed<'_>) -> Questions {
    let mail = mailed.mail;
    let mut tickets = token::numbers(&mail.subject, &rules.prefix);
    let mut ids: Vec<_> = mail.in_reply_to.iter().chain(mail.references.iter().rev()).cloned().collect();
    if let Some(report) = &mail.report {
        ids.extend(report.original_ids.iter().cloned());
    }
    for tag in proof::tags(rules, mailed) {
        match tag {
            Tag::Reply(reply) | Tag::Revoked(reply) => tickets.insert(0, reply.ticket),
            Tag::Bounce(id) => ids.insert(0, id),
            Tag::Leave(_) => {}
        }
    }
    if let Some(ticket) = mailed.facts.released.as_ref().and_then(|r| r.ticket) {
        tickets.insert(0, ticket);
    }
    let mut addresses = Vec::new();
    let mut undo = false;
    for order in command::read(&mail.words.text, rules).commands.into_iter().filter_map(|c| c.order.ok()) {
        match order {
            command::Order::Merge(number) => tickets.push(number),
            command::Order::Undo => undo = true,
            command::Order::Cc(address)
            | command::Order::For(address)
            | command::Order::Assign(command::Assignee::Somebody(address)) => addresses.push(address),
            _ => {}
        }
    }
    let query = query::question(rules, mailed);
    if let Some(query::Query::Show(number)) = query {
        tickets.insert(0, number);
    }
    ids = ids.iter().map(canonical_id).collect();
    ids.truncate(110);
    tickets.truncate(10);
    addresses.truncate(20);
    Questions {
        content_hash: mail.content_hash,
        message_id: mail.message_id.clone(),
        sender: mail.from.address().cloned(),
        tickets,
        ids,
        addresses,
        signatures: mailed.facts.domain.fingerprints(),
        query,
        undo,
    }
}

/// What follows from a mail.
pub fn decide(rules: &Rules, known: &Snapshot, mailed: &Mailed<'_>, moment: Moment) -> Decision {
    let work = Work::new(rules, known, moment);
    let mail = mailed.mail;
    if known.duplicate.is_some() {
        return work.finish(Outcome::Duplicate, "this mail was taken in before", None);
    }
    // T27: our own letters that come back, and mail from our own addresses, are kept and nothing follows.
    if mail.loop_marks.iter().any(|m| super::seal::is_loop_mark(&rules.keys, rules.domain(), m))
        && mail.report.is_none()
    {
        return work.finish(Outcome::Loop, "a letter of this desk came back", None);
    }
    if mail.from.address().is_some_and(|a| rules.own.contains(a)) {
        return work.finish(Outcome::Loop, "its sender is the desk itself", None);
    }
    if mail.report.as_ref().is_some_and(|r| r.kind != crate::mail::ReportKind::Other) {
        // A probe leaves nothing behind, its report neither.
        if super::probe::returned(rules, mail, mailed.raw, &mailed.facts.domain).is_some() {
            return work.finish(Outcome::Report, "a report about a probe of this desk", None);
        }
        return bounce::reported(work, mailed);
    }
    let bounced_to = proof::tags(rules, mailed).into_iter().find_map(|t| match t {
        Tag::Bounce(id) => Some(id),
        Tag::Reply(_) | Tag::Revoked(_) | Tag::Leave(_) => None,
    });
    if let Some(id) = bounced_to {
        return bounce::at_bounce_address(work, mailed, &id);
    }
    let (name, address) = match &mail.from {
        Sender::One { name, address } => (name, address),
        Sender::Unclear { why, .. } => {
            return keep(work, true, None, None, &format!("its From field is not clear: {why}"));
        }
        Sender::Missing => return keep(work, true, None, None, "it names no sender"),
    };
    // Who is staff by now was trusted since.
    let spam =
        known.persons.get(address).is_some_and(|p| p.spam) && known.staff_by_address(address).is_none();
    if spam && mailed.facts.released.is_none() {
        return keep(work, true, None, None, "its sender was marked as spam");
    }
    let named = proof::named(rules, known, mailed, work.now());
    let (who, staff) = proof::who(known, address, named.ticket);
    let row = row(&work, mailed, &named, who);
    let of_digest = digest::decide(&work, mailed, &named, address);
    if let Some(next) = of_digest.filter(|_| row != Row::Quarantine && mailed.facts.released.is_none()) {
        let decision = match next {
            digest::Next::Leaves(person) => digest::left(work, person),
            digest::Next::Answers => hold_for(work, staff, &named, Cause::Quarantine, digest::ANSWERED),
            digest::Next::Machine => work.finish(Outcome::Loop, digest::MACHINE, None),
        };
        return Decision { verified: named.verified, who, why: named.why, ..decision };
    }
    let asked = query::asked(rules, known, mailed);
    let decision = match (row, staff, asked) {
        // T18: it acts on nothing, and nobody hears of it.
        (Row::Hold | Row::Obey | Row::Quarantine, Some(staff), _) if mailed.history => keep(
            work,
            row == Row::Quarantine,
            named.ticket,
            Some(staff.person.id),
            "it was there before the desk, in the name of staff",
        ),
        (Row::Hold | Row::Obey, Some(staff), Some(asked)) => {
            query::decide(work, mailed, &named, staff, asked)
        }
        (Row::Quarantine, ..) => hold_for(work, staff, &named, Cause::Quarantine, &named.why),
        (Row::Hold, ..) => hold_for(work, staff, &named, Cause::Unproven, &why_held(&named)),
        (Row::Obey, Some(staff), None) => staffed::decide(work, mailed, &named, staff),
        (Row::Append | Row::Obey, ..) => append(work, mailed, &named, address),
        (Row::File, ..) => file(work, mailed, &named, staff.is_some()),
        (Row::Own, ..) => open(work, mailed, &named, name, address),
    };
    let mut decision = Decision { verified: named.verified, who, why: named.why, ..decision };
    if who == Who::Staff {
        decision
            .changes
            .extend(fingerprints(mailed).into_iter().map(|fingerprint| Change::Signature { fingerprint }));
    }
    decision
}

/// The row of the decision table; a mail that was held and released stands in that of a proven one.
fn row(work: &Work<'_>, mailed: &Mailed<'_>, named: &Named, who: Who) -> Row {
    let automatic = guard::automatic(work.rules, mailed).is_some();
    match (mailed.facts.released.is_some(), who) {
        // T31: a machine's mail is filed and no more, whoever lets it go.
        (true, Who::Staff | Who::Participant) if automatic && named.ticket.is_some() => Row::File,
        (true, Who::Staff) => Row::Obey,
        (true, Who::Participant) => Row::Append,
        (true, Who::Stranger) | (false, _) => {
            proof::row(who, automatic, named.domain, named.reply, work.rules.staff_proof)
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

/// Keeps a mail without acting on it.
pub fn keep(
    work: Work<'_>,
    quarantine: bool,
    ticket: Option<i64>,
    person: Option<i64>,
    reason: &str,
) -> Decision {
    let cause = if quarantine { Cause::Quarantine } else { Cause::Other };
    hold(work, cause, ticket, person, Verified::None, reason)
}

/// The same, with what somebody needs to know who decides about it later.
pub fn hold(
    mut work: Work<'_>,
    cause: Cause,
    ticket: Option<i64>,
    person: Option<i64>,
    verified: Verified,
    reason: &str,
) -> Decision {
    work.change(Change::Hold { cause, ticket, person, verified, reason: reason.to_owned() });
    let outcome = if cause == Cause::Quarantine { Outcome::Quarantine } else { Outcome::Held };
    work.finish(outcome, reason, ticket)
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

/// A mail in the name of staff without enough proof; one letter an hour tells that person.
pub(super) fn hold_for(
    mut work: Work<'_>,
    staff: Option<&Staff>,
    named: &Named,
    cause: Cause,
    reason: &str,
) -> Decision {
    if let Some(staff) = staff
        && work.known.counts.holds_staff_hour == 0
    {
        letter::hold::send(&mut work, &staff.person, reason, cause);
    }
    // Nobody but staff is asked by a link: a participant's mail with a counter-proof is for staff to judge.
    let cause = if staff.is_none() && cause == Cause::Unproven { Cause::Other } else { cause };
    hold(work, cause, named.ticket, staff.map(|s| s.person.id), named.verified, reason)
}

/// The requester or a participant writes on.
fn append(mut work: Work<'_>, mailed: &Mailed<'_>, named: &Named, address: &AddrSpec) -> Decision {
    let number = named.ticket.expect("a participant is one of a ticket");
    let mut facts = work.known.tickets[&number].clone();
    let author = work.person(address, mailed.mail.from.name());
    // A customer commands `#close` and `#privacy`, with proof (decision table).
    let (orders, words) = customer_orders(&mailed.mail.words.text, named.verified.proven(), work.rules);
    let clock = facts.ticket.clock;
    let mut new = as_message(mailed, Kind::Customer, &author, named.verified);
    new.text = words;
    let id = work.say(&mut facts, new);
    if matches!(facts.ticket.status, Status::Waiting | Status::Closed) {
        work.status(&mut facts, Status::Open);
    }
    for order in &orders {
        match order.as_str() {
            "#close" => work.status(&mut facts, Status::Closed),
            _ => facts.ticket.privacy = true,
        }
    }
    // T18: what lay there before the desk is due to nobody.
    if mailed.history {
        facts.ticket.clock = clock;
    }
    work.save(&mut facts);
    participants::suggest(&mut work, &facts, mailed, &author, named.verified);
    let headline = format!("{} wrote to {}:", work.shown(&author), work.rules.token(number));
    notify(&mut work, &mut facts, mailed, &author, headline, id, named);
    let mut decision = work.finish(Outcome::Append, format!("it belongs to ticket {number}"), Some(number));
    decision.orders = orders;
    decision
}

/// `#close` and `#privacy` at the top; everything else with `#` is text.
pub(super) fn customer_orders(text: &str, proven: bool, rules: &Rules) -> (Vec<String>, String) {
    let block = command::read(text, rules);
    let allowed =
        |c: &command::Command| matches!(c.line.to_ascii_lowercase().as_str(), "#close" | "#privacy");
    if proven && !block.commands.is_empty() && block.commands.iter().all(allowed) {
        return (block.commands.iter().map(|c| c.line.to_ascii_lowercase()).collect(), block.words);
    }
    (Vec::new(), text.to_owned())
}

/// Automatic mail of somebody who belongs to the ticket: attached or kept, nothing follows (T23, T31).
fn file(mut work: Work<'_>, mailed: &Mailed<'_>, named: &Named, staff: bool) -> Decision {
    let Some(number) = named.ticket else {
        return keep(work, false, None, None, "an automatic mail in the name of staff that names no ticket");
    };
    let mut facts = work.known.tickets[&number].clone();
    let address = mailed.mail.from.address().expect("the sender was read");
    let author = work.person(address, mailed.mail.from.name());
    let kind = if staff { Kind::System } else { Kind::Customer };
    let new =
        NewMessage { automatic: true, shown: false, ..as_message(mailed, kind, &author, named.verified) };
    work.say(&mut facts, new);
    work.save(&mut facts);
    work.finish(Outcome::Append, format!("an automatic mail, attached to ticket {number}"), Some(number))
}

/// A ticket of his own for anybody else, whatever he knows (T03, T04).
fn open(mut work: Work<'_>, mailed: &Mailed<'_>, named: &Named, name: &str, address: &AddrSpec) -> Decision {
    let author = work.person(address, name);
    // The customer waits since the server got the mail, also through an outage (T22).
    let clock =
        if mailed.history { Clock::default() } else { Clock::from(mailed.arrived_at.min(work.now())) };
    let mut facts = work.open_with(&mailed.mail.subject, author.clone(), mailed.mailbox, clock);
    let number = facts.ticket.number;
    if mailed.history {
        // T18: it came long ago, and is no sign of a flood now.
        facts.ticket.created_at = mailed.arrived_at;
        if let Some(Change::Ticket { ticket, .. }) = work.changes.last_mut() {
            ticket.created_at = mailed.arrived_at;
        }
    }
    let automatic = guard::automatic(work.rules, mailed).is_some();
    // A stranger's reply proof is somebody else's: his own ticket begins unproven, but for his domain.
    let verified = match named.verified {
        Verified::Dkim | Verified::Dmarc => named.verified,
        Verified::ReplyAddress | Verified::MagicLink | Verified::None => Verified::None,
    };
    let new = NewMessage { automatic, ..as_message(mailed, Kind::Customer, &author, verified) };
    let id = work.say(&mut facts, new);
    let no_confirmation =
        guard::no_confirmation(work.rules, mailed, named.domain, &work.known.counts, work.now());
    match no_confirmation {
        None => confirmation::send(&mut work, &mut facts, mailed.mail, verified),
        Some(guard::Silence::Limit(limit)) => work.kept_back(limit, address.domain()),
        Some(guard::Silence::Kind(_)) => {}
    }
    participants::suggest(&mut work, &facts, mailed, &author, verified);
    let headline = format!("New ticket {} from {}:", work.rules.token(number), work.shown(&author));
    let flood = work.known.counts.tickets_sender_hour >= work.rules.tickets_per_sender_hour;
    if flood {
        pend(&mut work, &facts, "one of many new tickets of one sender");
    } else {
        notify(&mut work, &mut facts, mailed, &author, headline, id, named);
    }
    let reason = match no_confirmation {
        None => "a new ticket".to_owned(),
        Some(silence) => format!("a new ticket without confirmation: {}", silence.why()),
    };
    work.finish(Outcome::Ticket, reason, Some(number))
}

/// Tells the staff whom it concerns, or keeps the notice for a summary (T18).
fn notify(
    work: &mut Work<'_>,
    facts: &mut TicketFacts,
    mailed: &Mailed<'_>,
    author: &Person,
    headline: String,
    id: i64,
    named: &Named,
) {
    if !guard::may_notify(mailed) {
        return;
    }
    if work.now() - mailed.arrived_at > guard::STALE_SECS {
        return pend(work, facts, "it came more than a day before it was taken in");
    }
    let sealed = mailed.mail.sealed();
    let max = work.rules.files_bytes_max;
    let (files, left_out) = if sealed { sealed::whole(mailed, max) } else { files_of(mailed, max) };
    let mut lines = notification::card(work, facts, &work.known.earlier);
    lines.extend(sealed.then(|| sealed::NOTICE.to_owned()));
    lines.push(proof_line(named));
    lines.extend(hints(work, facts, mailed, author, named));
    let words = if sealed { "" } else { &mailed.mail.words.text };
    let news = notification::News { headline, words, lines, files, left_out, message: id };
    tell(work, facts, &news, Some(author.id));
}

/// "none (nothing proves the sender)" would say one thing twice.
fn proof_line(named: &Named) -> String {
    let why = named
        .why
        .strip_prefix("nothing proves the sender")
        .map_or(named.why.as_str(), |why| why.trim_start_matches(": "));
    let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
    format!("Proof of the sender: {}{why}", named.verified.as_str())
}

/// One notice each to the staff whom it concerns, but for the writer.
pub fn tell(
    work: &mut Work<'_>,
    facts: &mut TicketFacts,
    news: &notification::News<'_>,
    writer: Option<i64>,
) {
    let whom = digest::singly(work, facts, writer);
    tell_staff(work, facts, news, &whom);
}

/// The same to those who watch the ticket, about what concerns nobody else.
pub fn tell_watchers(
    work: &mut Work<'_>,
    facts: &mut TicketFacts,
    news: &notification::News<'_>,
    writer: Option<i64>,
) {
    let mut whom = work.known.watching(facts);
    whom.retain(|s| Some(s.person.id) != writer);
    tell_staff(work, facts, news, &whom);
}

fn tell_staff(work: &mut Work<'_>, facts: &mut TicketFacts, news: &notification::News<'_>, whom: &[Staff]) {
    for staff in whom {
        notification::send(work, facts, &staff.person, news);
    }
}

fn pend(work: &mut Work<'_>, facts: &TicketFacts, why: &str) {
    let due_at = work.now() + SUMMARY_SECS;
    for staff in digest::singly(work, facts, None) {
        let why = format!("{}: {why}", facts.ticket.subject);
        work.change(Change::Pending {
            person: staff.person.id,
            ticket: Some(facts.ticket.number),
            why,
            due_at,
        });
    }
}

/// Lines for staff: another Reply-To (T10), Cc addresses (T06), another ticket that was named (T04).
fn hints(
    work: &Work<'_>,
    facts: &TicketFacts,
    mailed: &Mailed<'_>,
    author: &Person,
    named: &Named,
) -> Vec<String> {
    let mail = mailed.mail;
    let mut out = Vec::new();
    if let Some(other) =
        named.named.filter(|n| *n != facts.ticket.number && named.ticket != Some(facts.ticket.number))
    {
        out.push(format!(
            "The mail names {}, where its sender is not a participant; to join them: #merge {other}",
            work.rules.token(other)
        ));
    }
    if let Some(reply_to) =
        mail.reply_to.as_ref().filter(|r| !r.address.eq_ignore_ascii_case(author.address.as_str()))
    {
        out.push(format!(
            "It asks for answers to {}; answers go to the sender all the same",
            Line::clean(&reply_to.address).as_str()
        ));
    }
    // T22: such a date orders nothing; whoever reads the mail should know.
    let written = mail.date.filter(|d| (d - mailed.arrived_at).abs() > DATE_OFF_SECS);
    if let Some(date) = written.and_then(|d| jiff::Timestamp::from_second(d).ok()) {
        out.push(format!("Its Date field is wrong by more than two days: {date}"));
    }
    out.extend(notification::suggestions(&participants::beside(work, facts, mail, author)));
    out
}

/// The files of the mail in hand: those that fit, and the names of the others.
pub fn files_of(mailed: &Mailed<'_>, bytes_max: u64) -> (Vec<OutFile>, Vec<String>) {
    let (mut files, mut left_out, mut room) = (Vec::new(), Vec::new(), bytes_max);
    let some_fit = mailed.mail.attachments.iter().any(|a| a.size <= room);
    let raw = if some_fit { mailed.raw.bytes() } else { Cow::default() };
    for a in &mailed.mail.attachments {
        let fits = a.size <= room;
        match fits.then(|| parse::attachment(&raw, a.part)).flatten() {
            Some(data) => {
                room -= a.size;
                files.push(OutFile {
                    filename: Line::clean(&a.name()),
                    media_type: a.media_type.clone(),
                    data,
                    content_id: None,
                });
            }
            None => left_out.push(format!(
                "{} ({})",
                Line::clean(&a.name()).as_str(),
                crate::mail::shown_size(a.size)
            )),
        }
    }
    (files, left_out)
}

#[cfg(test)]
pub(super) mod tests;
