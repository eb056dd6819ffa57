//! A mail of staff with proof: commands, then a note or an answer to the customers (INTERFACE, Mail; T20,
//! T72).

use super::{commands, crossed, first, help, quoted};
use crate::desk::builder::decision::Builder;
use crate::desk::letter::files::{self, Readers};
use crate::desk::letter::{encrypted, notification, result};
use crate::desk::model::message::{files_inside, message_of_mail};
use crate::desk::model::{
    Cause, Decision, ForeignWords, Kind, MailFault, Mailed, Named, Outcome, Reason, Release, Staff, Step,
    TicketFacts,
};
use crate::desk::order::actor::Actor;
use crate::desk::order::command::{Block, Order};
use crate::desk::order::undo::difference::TicketBefore;
use crate::desk::order::undo::words;
use crate::desk::order::{apply, speak};
use crate::desk::text::faults::{FILES_ADVICE, QUOTING_ADVICE};
use crate::desk::{hold, notify};

/// Files of an answer, together; what is beyond does not leave with it.
const ANSWER_FILES_BYTES_MAX: u64 = 25_000_000;

/// A mail of staff on a ticket, as it is read.
struct StaffMail<'a> {
    mailed: &'a Mailed<'a>,
    named: &'a Named,
    staff: &'a Staff,
    /// Of the ticket.
    number: i64,
    block: &'a Block,
    /// Its command lines, as they were written.
    lines: Vec<String>,
    /// What they order, as far as they are good.
    orders: Vec<Order>,
}

impl<'a> StaffMail<'a> {
    fn of(mailed: &'a Mailed<'a>, block: &'a Block, named: &'a Named, staff: &'a Staff, number: i64) -> Self {
        let lines = block.commands.iter().map(|c| c.line.clone()).collect();
        let orders = block.commands.iter().filter_map(|c| c.order.clone().ok()).collect();
        Self { mailed, named, staff, number, block, lines, orders }
    }

    fn has(&self, order: &Order) -> bool {
        self.orders.contains(order)
    }
}

/// A mail of staff with proof; one that names no ticket opens one.
pub fn decide_reply(
    mut builder: Builder<'_>,
    mailed: &Mailed<'_>,
    block: &Block,
    named: &Named,
    staff: &Staff,
) -> Decision {
    let Some(number) = named.ticket else {
        return first::decide_first(builder, mailed, block, named, staff);
    };
    let mut facts = builder.known.tickets[&number].clone();
    let mail = StaffMail::of(mailed, block, named, staff, number);
    let actor = Actor { person: Some(&staff.person), seen: named.seen };
    let readers = if mail.has(&Order::Note) { Readers::Staff } else { Readers::Customers };
    let files = files::shown_files(builder.known, mailed, &block.words, (readers, ANSWER_FILES_BYTES_MAX));
    let before = TicketBefore::of(&builder, &facts);
    let acted = match encrypted::refusal(mailed.mail)
        .or_else(|| mailed.mail.reaction.then_some(MailFault::Reaction))
        .or_else(|| commands::versions_differ(mailed, block, builder.rules))
    {
        Some(why) => Err(why),
        None => commands::carry_out(&mut builder, &mut facts, mailed, block, &actor, !files.is_empty()),
    };
    let transcript = match acted {
        Ok(transcript) => transcript,
        Err(why) => return refuse_all(&builder, &mail, why),
    };
    let undoes = commands::undoes(block);
    let mut steps = if undoes { Vec::new() } else { before.steps_since(&builder, &facts) };
    let words = speak::Words {
        text: mail.block.text(),
        files: &files,
        note: mail.has(&Order::Note),
        private: mail.has(&Order::Private),
    };
    let speaks = (!words.text.is_empty() || !files.is_empty()) && !mail.has(&Order::Spam);
    if speaks && !words.note {
        if let Some(decision) = held_back(&builder, &mail, &facts, &words) {
            return Decision { orders: mail.lines, ..decision };
        }
        crossed::supersede_held(&mut builder, number, mailed);
    }
    let sends = !speaks && mail.has(&Order::Send) && !mail.has(&Order::Spam);
    // A held answer may have been let go before a restore; a new #send sends it (T114).
    let sends = sends && !builder.known.weighed.handled_before;
    let release = crossed::waiting_answer(builder.known, number).filter(|_| sends);
    let letter = if speaks {
        let kind = if words.note { Kind::Note } else { Kind::Staff };
        let mut new = message_of_mail(mailed, kind, &staff.person, named.verified);
        new.text = words.text.clone();
        new.inside = files_inside(mailed.mail, kind, &block.words);
        speak::speak(&mut builder, &mut facts, &actor, new, &words, &mail.orders);
        tell_of_files(&mut builder, &mut facts, &mail);
        words::add_words_said(&mut steps, &facts, words.note);
        let answers = mailed.mail.message_id.as_ref();
        result::tell_that_letters_wait(&mut builder, &mut facts, &staff.person, answers);
        None
    } else {
        let letter = tell_what_was_done(&mut builder, &mut facts, &mail, &transcript, &steps);
        notify_watchers(&mut builder, &mut facts, staff, &steps);
        letter
    };
    words::remember(&mut builder, number, Some(staff.person.id), letter, &steps);
    apply::write_after_orders(&mut builder, facts);
    let mut decision = builder.finish(Outcome::Append, Reason::StaffWrote(number), Some(number));
    decision.orders = mail.lines;
    decision.release = release.map(|held| Release { held, actor: format!("person:{}", staff.person.id) });
    decision
}

/// Words that may not leave: the mail is held, and its writer gets it back. `None`: they may.
fn held_back(
    builder: &Builder<'_>,
    mail: &StaffMail<'_>,
    facts: &TicketFacts,
    words: &speak::Words<'_>,
) -> Option<Decision> {
    let (mailed, known) = (mail.mailed, builder.known);
    let readers = speak::answer_readers(facts, words.private);
    let looked_at = mailed.facts.released.as_ref().is_none_or(|r| !r.quotes);
    let signature = &mailed.mail.words.signature;
    let foreign = || quoted::why_not_theirs(known, facts, &readers, &words.text, signature);
    if let Some(why) = looked_at.then(foreign).flatten() {
        return Some(return_for_quoting(builder, mail, why));
    }
    let crossed = !known.weighed.unseen.is_empty() && !mail.has(&Order::Send);
    crossed.then(|| crossed::hold_crossed(builder, mailed, mail.named, mail.staff))
}

/// Quoted between their words stands what a reader has no right to: the mail is held, and its writer gets it
/// back (T72).
fn return_for_quoting(builder: &Builder<'_>, mail: &StaffMail<'_>, why: ForeignWords) -> Decision {
    let mut builder = Builder::new(builder.rules, builder.known, builder.moment.clone());
    let mut facts = builder.known.tickets[&mail.number].clone();
    let text = format!("{}\n\n{}", result::refusal_text(&why, &mail.mailed.mail.words.text), QUOTING_ADVICE);
    notify_writer(&mut builder, &mut facts, mail, NOT_SENT, &text);
    hold::keep_without_acting(
        builder,
        Cause::Other,
        Some(mail.number),
        Some(mail.staff.person.id),
        Reason::Foreign(why),
    )
}

/// What a result is about whose mail did nothing.
const NOT_SENT: &str = "your mail was not sent";

/// Nothing of this mail acts: what was tried is forgotten, the letter alone is left.
fn refuse_all(builder: &Builder<'_>, mail: &StaffMail<'_>, why: MailFault) -> Decision {
    let mut builder = Builder::new(builder.rules, builder.known, builder.moment.clone());
    let mut facts = builder.known.tickets[&mail.number].clone();
    let text = result::refusal_text(&why, encrypted::quotable(mail.mailed.mail));
    let about = mail.lines.first().map_or(NOT_SENT, String::as_str);
    notify_writer(&mut builder, &mut facts, mail, about, &text);
    let mut decision = builder.finish(Outcome::Refused, Reason::Refused(why), Some(mail.number));
    decision.orders = mail.lines.clone();
    decision
}

/// The result of a mail that says nothing to anybody; the number of its letter, if the gate let it pass.
fn tell_what_was_done(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    mail: &StaffMail<'_>,
    transcript: &[String],
    steps: &[Step],
) -> Option<i64> {
    let left_out = files::left_out(mail.mailed, &mail.block.words);
    let mut text = match mail.has(&Order::Help) {
        true => help::page(),
        false => transcript_text(builder, mail.number, transcript, steps),
    };
    if !left_out.is_empty() {
        text.push_str(&format!("\n\nNobody was sent {left_out}. {FILES_ADVICE}."));
    }
    let about = if mail.lines.is_empty() { "done".to_owned() } else { mail.lines.join(" ") };
    let about: String = about.chars().take(100).collect();
    notify_writer(builder, facts, mail, &about, &text)
}

/// A mail that is attached to an answer does not leave with it: its fields tell addresses of staff (T72). The
/// writer hears of that, and of whatever else does not leave.
fn tell_of_files(builder: &mut Builder<'_>, facts: &mut TicketFacts, mail: &StaffMail<'_>) {
    let left_out = files::left_out(mail.mailed, &mail.block.words);
    if !left_out.is_empty() && !mail.has(&Order::Note) {
        let text = format!("Your answer was sent without {left_out}. {FILES_ADVICE}.");
        notify_writer(builder, facts, mail, "sent without a file", &text);
    }
}

/// The result to its writer; the number of its letter, if the gate let it pass.
fn notify_writer(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    mail: &StaffMail<'_>,
    about: &str,
    text: &str,
) -> Option<i64> {
    let before = builder.letters.len();
    let answers = mail.mailed.mail.message_id.as_ref();
    result::queue(builder, Some(facts), &mail.staff.person, about, text, answers);
    builder.letters.get(before).map(|l| l.id)
}

/// The transcript: each command with what became different by it, and how to take it back.
fn transcript_text(builder: &Builder<'_>, number: i64, transcript: &[String], steps: &[Step]) -> String {
    let back = match steps.is_empty() {
        true => "",
        false => "\n\nTo take this back, answer this mail with the one line #undo within a day.",
    };
    format!("Done on {}:\n\n{}{back}", builder.rules.token(number), transcript.join("\n"))
}

fn notify_watchers(builder: &mut Builder<'_>, facts: &mut TicketFacts, staff: &Staff, steps: &[Step]) {
    let lines = words::sentences(builder, facts, steps);
    if lines.is_empty() {
        return;
    }
    let notice = notification::Notice {
        headline: notification::Headline::Announces(format!(
            "{} changed {}",
            staff.person.name,
            builder.rules.token(facts.ticket.number)
        )),
        words: &lines.join("\n"),
        lines: vec!["You watch this ticket; #unwatch ends that.".into()],
        files: Vec::new(),
        left_out: Vec::new(),
        message: facts.messages.last().map_or(0, |m| m.id),
    };
    notify::notify_watchers(builder, facts, &notice, Some(staff.person.id));
}

#[cfg(test)]
mod tests;
