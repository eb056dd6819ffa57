//! A mail of staff with proof: commands, then a note or an answer to the customers (INTERFACE, Mail; T20,
//! T72).

use super::{commands, crossed, first, help, quoted};
use crate::desk::builder::builder::Builder;
use crate::desk::letter::{encrypted, files, notification, result};
use crate::desk::model::message::message_of_mail;
use crate::desk::model::{
    Decision, Kind, Mailed, Moment, Outcome, Release, Snapshot, Staff, Step, TicketFacts,
};
use crate::desk::order::actor::Actor;
use crate::desk::order::command::{self, Order};
use crate::desk::order::undo::difference::TicketBefore;
use crate::desk::order::undo::words;
use crate::desk::order::{apply, speak};
use crate::desk::proof::named::Named;
use crate::desk::rules::Rules;
use crate::desk::{hold, notify};

/// A mail of staff with proof; one that names no ticket opens one.
pub fn decide_reply(mut builder: Builder<'_>, mailed: &Mailed<'_>, named: &Named, staff: &Staff) -> Decision {
    let Some(number) = named.ticket else {
        return first::decide_first(builder, mailed, named, staff);
    };
    let mut facts = builder.known.tickets[&number].clone();
    let mail = mailed.mail;
    let block = command::read_commands(&mail.words.text, builder.rules);
    let lines: Vec<String> = block.commands.iter().map(|c| c.line.clone()).collect();
    let actor = Actor { person: Some(&staff.person), seen: named.seen };
    let files = files::files_that_fit(mailed, builder.rules.files_bytes_max.max(25_000_000)).0;
    let files = files::shown_files(mailed, &block.words, files);
    let before = TicketBefore::of(&builder, &facts);
    let acted =
        match encrypted::refusal(mail).or_else(|| commands::versions_differ(mailed, &block, builder.rules)) {
            Some(why) => Err(why),
            None => commands::carry_out(&mut builder, &mut facts, mailed, &block, &actor, !files.is_empty()),
        };
    let transcript = match acted {
        Ok(transcript) => transcript,
        Err(why) => return refuse_all(&builder, mailed, staff, number, lines, why),
    };
    let mut steps = if commands::undoes(&block) { Vec::new() } else { before.steps_since(&builder, &facts) };
    let orders: Vec<Order> = block.commands.iter().filter_map(|c| c.order.clone().ok()).collect();
    let words = speak::Words {
        text: block.text(),
        files: &files,
        note: orders.contains(&Order::Note),
        private: orders.contains(&Order::Private),
    };
    let speaks = (!words.text.is_empty() || !files.is_empty()) && !orders.contains(&Order::Spam);
    if speaks && !words.note {
        let readers = speak::answer_readers(&facts, words.private);
        let looked_at = mailed.facts.released.as_ref().is_none_or(|r| !r.quotes);
        let foreign =
            || quoted::why_not_theirs(builder.known, &facts, &readers, &words.text, &mail.words.signature);
        if let Some(why) = looked_at.then(foreign).flatten() {
            let back =
                return_for_quoting(builder.rules, builder.known, mailed, staff, number, &why, builder.moment);
            return Decision { orders: lines, ..back };
        }
        let unseen = crossed::unseen_messages(builder.known, named, mailed, staff.person.id);
        if !unseen.is_empty() && !orders.contains(&Order::Send) {
            return Decision {
                orders: lines,
                ..crossed::hold_crossed(builder, mailed, named, staff, &unseen)
            };
        }
        crossed::supersede_held(&mut builder, number, mailed);
    }
    let sends = !speaks && orders.contains(&Order::Send) && !orders.contains(&Order::Spam);
    let release = crossed::waiting_answer(builder.known, number).filter(|_| sends);
    let mut letter = None;
    if speaks {
        let mut new = message_of_mail(
            mailed,
            if words.note { Kind::Note } else { Kind::Staff },
            &staff.person,
            named.verified,
        );
        new.text = words.text.clone();
        speak::speak(&mut builder, &mut facts, &actor, new, &words, &orders);
        words::add_words_said(&mut steps, &facts, words.note);
    } else {
        let text = if orders.contains(&Order::Help) {
            help::page()
        } else {
            transcript_text(&builder, number, &transcript, &steps)
        };
        let about = if lines.is_empty() { "done".to_owned() } else { lines.join(" ") };
        let about: String = about.chars().take(100).collect();
        letter = notify_writer(&mut builder, &mut facts, staff, &about, &text, mailed);
        notify_watchers(&mut builder, &mut facts, staff, &steps);
    }
    words::remember(&mut builder, number, Some(staff.person.id), letter, &steps);
    apply::write_after_orders(&mut builder, facts);
    let mut decision =
        builder.finish(Outcome::Append, format!("staff wrote to ticket {number}"), Some(number));
    decision.orders = lines;
    decision.release = release.map(|held| Release { held, actor: format!("person:{}", staff.person.id) });
    decision
}

/// Quoted between their words stands what a reader has no right to: the mail is held, and its writer gets it
/// back (T72).
fn return_for_quoting(
    rules: &Rules,
    known: &Snapshot,
    mailed: &Mailed<'_>,
    staff: &Staff,
    number: i64,
    why: &str,
    moment: Moment,
) -> Decision {
    let mut builder = Builder::new(rules, known, moment);
    let mut facts = known.tickets[&number].clone();
    let text = format!("{}\n\n{}", result::refusal_text(why, &mailed.mail.words.text), quoted::ADVICE);
    let answers = mailed.mail.message_id.as_ref();
    result::queue(
        &mut builder,
        Some(&mut facts),
        &staff.person,
        "your mail was not sent",
        &text,
        answers,
        None,
    );
    hold::keep_without_acting(builder, false, Some(number), Some(staff.person.id), why)
}

/// Nothing of this mail acts: what was tried is forgotten, the letter alone is left.
fn refuse_all(
    builder: &Builder<'_>,
    mailed: &Mailed<'_>,
    staff: &Staff,
    number: i64,
    lines: Vec<String>,
    why: String,
) -> Decision {
    let mut builder = Builder::new(builder.rules, builder.known, builder.moment.clone());
    let mut facts = builder.known.tickets[&number].clone();
    let text = result::refusal_text(&why, encrypted::quotable(mailed.mail));
    let about = lines.first().map_or("your mail was not sent", String::as_str);
    notify_writer(&mut builder, &mut facts, staff, about, &text, mailed);
    let mut decision = builder.finish(Outcome::Refused, why, Some(number));
    decision.orders = lines;
    decision
}

/// The result to its writer; the number of its letter, if the gate let it pass.
fn notify_writer(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    staff: &Staff,
    about: &str,
    text: &str,
    mailed: &Mailed<'_>,
) -> Option<i64> {
    let before = builder.letters.len();
    result::queue(builder, Some(facts), &staff.person, about, text, mailed.mail.message_id.as_ref(), None);
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
        headline: format!("{} changed {}:", staff.person.name, builder.rules.token(facts.ticket.number)),
        words: &lines.join("\n"),
        lines: vec!["You watch this ticket; #unwatch ends that.".into()],
        files: Vec::new(),
        left_out: Vec::new(),
        message: facts.messages.last().map_or(0, |m| m.id),
    };
    notify::notify_watchers(builder, facts, &notice, Some(staff.person.id));
}
