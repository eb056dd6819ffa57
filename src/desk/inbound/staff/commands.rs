//! The commands at the top of a staff mail are carried out, all of them or none (INTERFACE, Mail; T20).

use super::crossed;
use crate::desk::builder::decision::Builder;
use crate::desk::letter::files;
use crate::desk::model::{LetterKind, MailFault, Mailed, TicketFacts};
use crate::desk::order::actor::Actor;
use crate::desk::order::apply;
use crate::desk::order::command::{self, Order};
use crate::desk::order::undo::difference::TicketBefore;
use crate::desk::order::undo::{take_back, words};
use crate::desk::rules::Rules;
use crate::mail::Words;

/// `#undo` is among the commands.
pub fn undoes(block: &command::Block) -> bool {
    block.commands.iter().any(|c| c.order == Ok(Order::Undo))
}

/// Carries out all commands; their transcript, or why this mail does nothing at all.
pub fn carry_out(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    mailed: &Mailed<'_>,
    block: &command::Block,
    actor: &Actor<'_>,
    files: bool,
) -> Result<Vec<String>, MailFault> {
    let mut transcript = Vec::new();
    if undoes(block) && block.commands.len() == 1 && block.words.is_empty() && !files {
        let line = &block.commands[0].line;
        let back =
            take_back::take_back(builder, facts, actor.person, answered_result(builder, mailed, actor));
        let back = back.map_err(|fault| MailFault::Order { line: line.clone(), fault: fault.into() })?;
        transcript.push(line.clone());
        transcript.extend(back.iter().map(|l| format!("  {l}")));
        return Ok(transcript);
    }
    for c in &block.commands {
        let before = TicketBefore::of(builder, facts);
        // What names the command needs no line before it.
        let order = c.order.as_ref().map_err(|fault| MailFault::Command {
            line: (!fault.names_the_command()).then(|| c.line.clone()),
            fault: fault.clone(),
        })?;
        apply::apply(builder, facts, actor, order)
            .map_err(|fault| MailFault::Order { line: c.line.clone(), fault })?;
        transcript.push(c.line.clone());
        let became = words::sentences(builder, facts, &before.steps_since(builder, facts));
        match became.is_empty() {
            true => transcript.push("  changed nothing".into()),
            false => transcript.extend(became.iter().map(|l| format!("  {l}"))),
        }
    }
    if block.text().is_empty()
        && !files
        && let Some(why) = crossed::nothing_to_send(builder.known, facts.ticket.number, block)
    {
        return Err(why);
    }
    if let Some(why) = below_the_words(&mailed.mail.words, &mailed.mail.words.text, builder.rules) {
        return Err(why);
    }
    if block.commands.is_empty() && block.words.is_empty() && !files {
        let inside = files::left_out(mailed, &block.words);
        return Err(if inside.is_empty() { MailFault::Empty } else { MailFault::OnlyInside(inside) });
    }
    Ok(transcript)
}

/// A known command below the words of a mail, or `#note` below a rule that makes a signature of it (T118).
/// `text`: the words that its writer says now.
pub fn below_the_words(words: &Words, text: &str, rules: &Rules) -> Option<MailFault> {
    let line = command::misplaced(text, rules).or_else(|| command::kept_inside(&words.signature));
    line.map(|line| MailFault::BelowTheWords(line.to_owned()))
}

/// The result letter that this mail answers, if it does: `#undo` then means what that letter told of.
fn answered_result(builder: &Builder<'_>, mailed: &Mailed<'_>, actor: &Actor<'_>) -> Option<i64> {
    let ids = &mailed.seals.answered[..mailed.mail.in_reply_to.len()];
    let hits = builder.known.ids.iter().filter(|h| ids.contains(&h.id)).filter_map(|h| h.letter.as_ref());
    let mut results = hits.filter(|l| l.kind == LetterKind::Result && l.person == actor.person.map(|p| p.id));
    results.next().map(|l| l.letter)
}

/// T20: a mail in two versions commands only what both say at their top. Why nothing of it acts, where they
/// differ.
pub fn versions_differ(mailed: &Mailed<'_>, block: &command::Block, rules: &Rules) -> Option<MailFault> {
    let seen = mailed.mail.seen_hash_lines.as_ref()?;
    let commands = |block: &command::Block| -> Vec<String> {
        let one =
            |c: &command::Command| c.line.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        block.commands.iter().map(one).collect()
    };
    let (read, shown) = (commands(block), commands(&command::read_commands(seen, rules)));
    (read != shown).then_some(MailFault::VersionsDiffer { read, shown })
}

#[cfg(test)]
mod tests;
