//! A mail of staff with proof: commands, then a note or an answer to the customers (INTERFACE, Mail; T20,
//! T72).

use super::command::{self, Order};
use super::letter::{notification, result};
use super::mailed::{self, files_of};
use super::model::message::as_message;
use super::ordered::{self, Actor};
use super::proof::Named;
use super::undo::{self, Mark, Step};
use super::work::Work;
use super::{Decision, Kind, LetterKind, Mailed, Outcome, Staff, TicketFacts, crossed, first, relay, sealed};
use crate::mail::{OutFile, parse};

pub fn decide(mut work: Work<'_>, mailed: &Mailed<'_>, named: &Named, staff: &Staff) -> Decision {
    let Some(number) = named.ticket else {
        return first::decide(work, mailed, named, staff);
    };
    let mut facts = work.known.tickets[&number].clone();
    let mail = mailed.mail;
    let block = command::read(&mail.words.text, work.rules);
    let lines: Vec<String> = block.commands.iter().map(|c| c.line.clone()).collect();
    let actor = Actor { person: Some(&staff.person), seen: named.seen };
    let files = files_of(mailed, work.rules.files_bytes_max.max(25_000_000)).0;
    let files = with_words(mailed, &block.words, files);
    let mark = Mark::set(&work, &facts);
    let acted = match sealed::refusal(mail).or_else(|| versions_differ(mailed, &block, work.rules)) {
        Some(why) => Err(why),
        None => act(&mut work, &mut facts, mailed, &block, &actor, !files.is_empty()),
    };
    let transcript = match acted {
        Ok(transcript) => transcript,
        Err(why) => return refuse(&work, mailed, staff, number, lines, why),
    };
    let mut steps = if undoes(&block) { Vec::new() } else { mark.steps(&work, &facts) };
    let orders: Vec<Order> = block.commands.iter().filter_map(|c| c.order.clone().ok()).collect();
    let words = ordered::Words {
        text: block.text(),
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
    let sends = !speaks && orders.contains(&Order::Send) && !orders.contains(&Order::Spam);
    let release = crossed::waiting(work.known, number).filter(|_| sends);
    let mut letter = None;
    if speaks {
        let mut new = as_message(
            mailed,
            if words.note { Kind::Note } else { Kind::Staff },
            &staff.person,
            named.verified,
        );
        new.text = words.text.clone();
        ordered::speak(&mut work, &mut facts, &actor, new, &words, &orders);
        undo::said(&mut steps, &facts, words.note);
    } else {
        let text = if orders.contains(&Order::Help) {
            result::help()
        } else {
            told(&work, number, &transcript, &steps)
        };
        let about = if lines.is_empty() { "done".to_owned() } else { lines.join(" ") };
        let about: String = about.chars().take(100).collect();
        letter = tell_writer(&mut work, &mut facts, staff, &about, &text, mailed);
        tell_watchers(&mut work, &mut facts, staff, &steps);
    }
    undo::remember(&mut work, number, Some(staff.person.id), letter, &steps);
    ordered::finish(&mut work, facts);
    let mut decision = work.finish(Outcome::Append, format!("staff wrote to ticket {number}"), Some(number));
    decision.orders = lines;
    decision.release = release;
    decision
}

/// Quoted between his words stands what a reader has no right to: the mail is held, and its writer gets it
/// back (T72).
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
    let text = format!("{}\n\n{}", result::refusal(why, &mailed.mail.words.text), relay::ADVICE);
    let answers = mailed.mail.message_id.as_ref();
    result::send(&mut work, Some(&mut facts), &staff.person, "your mail was not sent", &text, answers, None);
    mailed::keep(work, false, Some(number), Some(staff.person.id), why)
}

/// Nothing of this mail acts: what was tried is forgotten, the letter alone is left.
fn refuse(
    work: &Work<'_>,
    mailed: &Mailed<'_>,
    staff: &Staff,
    number: i64,
    lines: Vec<String>,
    why: String,
) -> Decision {
    let mut work = Work::new(work.rules, work.known, work.moment.clone());
    let mut facts = work.known.tickets[&number].clone();
    let text = result::refusal(&why, sealed::quotable(mailed.mail));
    let about = lines.first().map_or("your mail was not sent", String::as_str);
    tell_writer(&mut work, &mut facts, staff, about, &text, mailed);
    let mut decision = work.finish(Outcome::Refused, why, Some(number));
    decision.orders = lines;
    decision
}

/// The result to its writer; the number of its letter, if the gate let it pass.
fn tell_writer(
    work: &mut Work<'_>,
    facts: &mut TicketFacts,
    staff: &Staff,
    about: &str,
    text: &str,
    mailed: &Mailed<'_>,
) -> Option<i64> {
    let before = work.letters.len();
    result::send(work, Some(facts), &staff.person, about, text, mailed.mail.message_id.as_ref(), None);
    work.letters.get(before).map(|l| l.id)
}

/// The transcript: each command with what became different by it, and how to take it back.
fn told(work: &Work<'_>, number: i64, transcript: &[String], steps: &[Step]) -> String {
    let back = match steps.is_empty() {
        true => "",
        false => "\n\nTo take this back, answer this mail with the one line #undo within a day.",
    };
    format!("Done on {}:\n\n{}{back}", work.rules.token(number), transcript.join("\n"))
}

fn tell_watchers(work: &mut Work<'_>, facts: &mut TicketFacts, staff: &Staff, steps: &[Step]) {
    let lines = undo::told(work, facts, steps);
    if lines.is_empty() {
        return;
    }
    let news = notification::News {
        headline: format!("{} changed {}:", staff.person.name, work.rules.token(facts.ticket.number)),
        words: &lines.join("\n"),
        lines: vec!["You watch this ticket; #unwatch ends that.".into()],
        files: Vec::new(),
        left_out: Vec::new(),
        message: facts.messages.last().map_or(0, |m| m.id),
    };
    mailed::tell_watchers(work, facts, &news, Some(staff.person.id));
}

/// `#undo` is among the commands.
fn undoes(block: &command::Block) -> bool {
    block.commands.iter().any(|c| c.order == Ok(Order::Undo))
}

/// A line and what is wrong with it, which is not said twice where the reason names the command.
fn refused(line: &str, why: String) -> String {
    let word = line.split_whitespace().next().unwrap_or(line).to_ascii_lowercase();
    if why.contains(&word) { why } else { format!("{line}: {why}") }
}

/// Carries out all commands; their transcript, or why this mail does nothing at all.
fn act(
    work: &mut Work<'_>,
    facts: &mut TicketFacts,
    mailed: &Mailed<'_>,
    block: &command::Block,
    actor: &Actor<'_>,
    files: bool,
) -> Result<Vec<String>, String> {
    let mut transcript = Vec::new();
    if undoes(block) && block.commands.len() == 1 && block.words.is_empty() && !files {
        let line = &block.commands[0].line;
        let back = undo::take_back(work, facts, actor.person, answered(work, mailed, actor));
        transcript.push(line.clone());
        transcript.extend(back.map_err(|why| format!("{line}: {why}"))?.iter().map(|l| format!("  {l}")));
        return Ok(transcript);
    }
    for c in &block.commands {
        let mark = Mark::set(work, facts);
        let done = c.order.clone().and_then(|order| ordered::apply(work, facts, actor, &order));
        done.map_err(|why| refused(&c.line, why))?;
        transcript.push(c.line.clone());
        let became = undo::told(work, facts, &mark.steps(work, facts));
        match became.is_empty() {
            true => transcript.push("  changed nothing".into()),
            false => transcript.extend(became.iter().map(|l| format!("  {l}"))),
        }
    }
    if block.text().is_empty()
        && !files
        && let Some(why) = crossed::nothing_to_send(work.known, facts.ticket.number, block)
    {
        return Err(why.to_owned());
    }
    if let Some(line) = command::misplaced(&block.words, work.rules) {
        return Err(command::below_the_words(line));
    }
    if block.commands.is_empty() && block.words.is_empty() && !files {
        return Err("it has no words, no files and no commands".into());
    }
    Ok(transcript)
}

/// The result letter that this mail answers, if it does: `#undo` then means what that letter told of.
fn answered(work: &Work<'_>, mailed: &Mailed<'_>, actor: &Actor<'_>) -> Option<i64> {
    let ids = mailed.mail.in_reply_to.iter().map(mailed::canonical_id).collect::<Vec<_>>();
    let hits = work.known.ids.iter().filter(|h| ids.contains(&h.id)).filter_map(|h| h.letter.as_ref());
    let mut results = hits.filter(|l| l.kind == LetterKind::Result && l.person == actor.person.map(|p| p.id));
    results.next().map(|l| l.letter)
}

/// T20: a mail in two versions commands only what both say at their top. Why nothing of it acts, where they
/// differ.
pub fn versions_differ(mailed: &Mailed<'_>, block: &command::Block, rules: &super::Rules) -> Option<String> {
    let seen = parse::seen_words(&mailed.raw.bytes())?;
    let commands = |block: &command::Block| -> Vec<String> {
        let one =
            |c: &command::Command| c.line.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        block.commands.iter().map(one).collect()
    };
    let (read, shown) = (commands(block), commands(&command::read(&seen.text, rules)));
    let all = |lines: &[String]| if lines.is_empty() { "no command".to_owned() } else { lines.join(" ") };
    (read != shown).then(|| {
        format!(
            "its two versions command different things: its plain text {}, its HTML as it is seen {}; send it as plain text",
            all(&read),
            all(&shown)
        )
    })
}

/// Files that go to customers: attachments, and inline images that the words show (T72: none of signature and
/// quotation).
fn with_words(mailed: &Mailed<'_>, words: &str, files: Vec<OutFile>) -> Vec<OutFile> {
    let shown = |name: &str| {
        mailed.mail.attachments.iter().find(|a| a.name() == name).is_none_or(|a| {
            let by_id = a.content_id.as_ref().is_some_and(|id| words.contains(id.as_str()));
            !a.inline || by_id || words.contains(name)
        })
    };
    files.into_iter().filter(|f| shown(f.filename.as_str())).collect()
}
