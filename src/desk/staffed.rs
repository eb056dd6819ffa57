//! A mail of staff with proof: commands, then a note or an answer to the customers (INTERFACE, Mail; T20, T72).

use super::command::{self, Order};
use super::letter::result;
use super::mailed::{self, as_message, files_of};
use super::ordered::{self, Actor};
use super::proof::Named;
use super::work::Work;
use super::{Decision, Kind, Mailed, Outcome, Staff, crossed, first, relay, sealed};
use crate::mail::OutFile;

pub fn decide(mut work: Work<'_>, mailed: &Mailed<'_>, named: &Named, staff: &Staff) -> Decision {
    let Some(number) = named.ticket else {
        return first::decide(work, mailed, named, staff);
    };
    let mut facts = work.known.tickets[&number].clone();
    let mail = mailed.mail;
    let block = command::read(&mail.words.text, work.rules);
    let lines: Vec<String> = block.commands.iter().map(|c| c.line.clone()).collect();
    let help = block.commands.iter().any(|c| c.order == Ok(Order::Help));
    let actor = Actor { person: Some(&staff.person), seen: named.seen };
    let files = files_of(mailed, work.rules.files_bytes_max.max(25_000_000)).0;
    let files = with_words(mailed, &block.words, files);
    let refusal = sealed::refusal(mail).or_else(|| refuse(&mut work, &mut facts, &block, &actor, !files.is_empty()));
    if let Some(why) = refusal {
        // Nothing of this mail acts: what was tried is forgotten, the letter alone is left.
        let mut work = Work::new(work.rules, work.known, work.moment);
        let mut facts = work.known.tickets[&number].clone();
        let text = mailed::refusal(&why, sealed::quotable(mail));
        let about = lines.first().map_or("your mail was not sent", String::as_str);
        result::send(&mut work, Some(&mut facts), &staff.person, about, &text, mail.message_id.as_ref(), None);
        let mut decision = work.finish(Outcome::Refused, why, Some(number));
        decision.orders = lines;
        return decision;
    }
    let orders: Vec<Order> = block.commands.into_iter().filter_map(|c| c.order.ok()).collect();
    let words = ordered::Words {
        text: block.words.clone(),
        files: &files,
        note: orders.contains(&Order::Note),
        private: orders.contains(&Order::Private),
    };
    let speaks = (!words.text.is_empty() || !files.is_empty()) && !orders.contains(&Order::Spam);
    if speaks && !words.note {
        let readers = ordered::receivers(&facts, words.private);
        let looked_at = mailed.facts.released.as_ref().is_none_or(|r| !r.quotes);
        let foreign = || relay::not_theirs(work.known, &facts, &readers, &words.text, &mail.words.signature);
        if let Some(why) = looked_at.then(foreign).flatten() {
            let back = returned(work.rules, work.known, mailed, staff, number, &why, work.moment);
            return Decision { orders: lines, ..back };
        }
        let unseen = crossed::unseen(work.known, named, mailed, staff.person.id);
        if !unseen.is_empty() && !orders.contains(&Order::Send) {
            return Decision { orders: lines, ..crossed::hold(work, mailed, named, staff, &unseen) };
        }
        crossed::supersede(&mut work, number, mailed);
    }
    let release = crossed::waiting(work.known, number).filter(|_| !speaks && orders.contains(&Order::Send));
    if speaks {
        let mut new = as_message(mailed, if words.note { Kind::Note } else { Kind::Staff }, &staff.person, named.verified);
        new.text = block.words.clone();
        ordered::speak(&mut work, &mut facts, &actor, new, &words, &orders);
        ordered::finish(&mut work, facts);
    } else {
        let text = if help { result::help() } else { format!("Done on {}:\n\n{}", work.rules.token(number), lines.join("\n")) };
        let about = if lines.is_empty() { "done".to_owned() } else { lines.join(" ") };
        let about: String = about.chars().take(100).collect();
        result::send(&mut work, Some(&mut facts), &staff.person, &about, &text, mail.message_id.as_ref(), None);
        ordered::finish(&mut work, facts);
    }
    let mut decision = work.finish(Outcome::Append, format!("staff wrote to ticket {number}"), Some(number));
    decision.orders = lines;
    decision.release = release;
    decision
}

/// Quoted between his words stands what a reader has no right to: the mail is held, and its writer gets it back (T72).
fn returned(
    rules: &super::Rules,
    known: &super::Snapshot,
    mailed: &Mailed<'_>,
    staff: &Staff,
    number: i64,
    why: &str,
    moment: super::Moment,
) -> Decision {
    let mut work = Work::new(rules, known, moment);
    let mut facts = known.tickets[&number].clone();
    let text = format!("{}\n\n{}", mailed::refusal(why, &mailed.mail.words.text), relay::ADVICE);
    let answers = mailed.mail.message_id.as_ref();
    result::send(&mut work, Some(&mut facts), &staff.person, "your mail was not sent", &text, answers, None);
    mailed::keep(work, false, Some(number), Some(staff.person.id), why)
}

/// Why this mail does nothing at all; `None`: its orders have been applied.
fn refuse(
    work: &mut Work<'_>,
    facts: &mut super::TicketFacts,
    block: &command::Block,
    actor: &Actor<'_>,
    files: bool,
) -> Option<String> {
    for c in &block.commands {
        match &c.order {
            Err(why) => return Some(format!("{}: {why}", c.line)),
            Ok(order) => {
                if let Err(why) = ordered::apply(work, facts, actor, order) {
                    return Some(format!("{}: {why}", c.line));
                }
            }
        }
    }
    if block.words.is_empty()
        && !files
        && let Some(why) = crossed::nothing_to_send(work.known, facts.ticket.number, block)
    {
        return Some(why.to_owned());
    }
    if let Some(line) = command::misplaced(&block.words, work.rules) {
        return Some(mailed::below_the_words(line));
    }
    if block.commands.is_empty() && block.words.is_empty() && !files {
        return Some("it has no words, no files and no commands".into());
    }
    None
}

/// Files that go to customers: attachments, and inline images that the words show (T72: none of signature and quotation).
fn with_words(mailed: &Mailed<'_>, words: &str, files: Vec<OutFile>) -> Vec<OutFile> {
    let shown = |name: &str| {
        mailed.mail.attachments.iter().find(|a| a.name() == name).is_none_or(|a| {
            let by_id = a.content_id.as_ref().is_some_and(|id| words.contains(id.as_str()));
            !a.inline || by_id || words.contains(name)
        })
    };
    files.into_iter().filter(|f| shown(f.filename.as_str())).collect()
}
