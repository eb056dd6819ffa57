//! The junction: every event is asked about and decided here, and handed on to the room that knows its kind.
//!
//! [`questions`] lists everything that must be known, the store answers once, and [`decide`] makes a
//! [`Decision`] of the answers. It cannot fail; it can refuse.

use super::event::Event;
use super::hour::passed;
use super::inbound::staff::{crossed, quoted};
use super::model::{Decision, Moment, Questions, Snapshot, WordsNeeded};
use super::rules::Rules;
use super::{delivery, inbound, operator, visitor};

/// Everything that must be known to decide this event. `now` in seconds since 1970.
pub fn questions(rules: &Rules, event: &Event<'_>, now: i64) -> Questions {
    match event {
        Event::Mail(mail, asked) => inbound::questions::questions(mail, asked),
        Event::Form(form) => visitor::questions(form),
        Event::Order(order) => operator::questions(order),
        Event::Hour => passed::questions(rules, now),
        Event::Settled(settled) => delivery::questions(settled),
    }
}

/// Which words the answers make needed: those that its writer had not seen, and those that a mail of staff
/// may quote.
pub fn words_needed(rules: &Rules, known: &Snapshot, event: &Event<'_>, now: i64) -> WordsNeeded {
    let Event::Mail(mail, _) = event else { return WordsNeeded::default() };
    WordsNeeded {
        unseen: crossed::messages_whose_words_are_needed(rules, known, mail, now),
        said_in: quoted::ticket_whose_words_are_needed(rules, known, mail, now),
    }
}

/// What follows from this event.
pub fn decide(rules: &Rules, known: &Snapshot, event: &Event<'_>, moment: Moment) -> Decision {
    match event {
        Event::Mail(mail, asked) => inbound::decide::decide(rules, known, mail, asked, moment),
        Event::Form(form) => visitor::decide(rules, known, form, moment),
        Event::Order(order) => operator::decide(rules, known, order, moment),
        Event::Hour => passed::decide(rules, known, moment),
        Event::Settled(settled) => delivery::decide(rules, known, settled, moment),
    }
}
