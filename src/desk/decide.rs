//! The junction: every event is asked about and decided here, and handed on to the room that knows its kind.
//!
//! [`questions`] lists everything that must be known, the store answers once, and [`decide`] makes a
//! [`Decision`] of the answers. It cannot fail; it can refuse.

use super::event::Event;
use super::hour::passed;
use super::inbound::staff::query;
use super::model::{Decision, Mailed, Moment, Query, Questions, Snapshot, Stamp, Weighed};
use super::rules::Rules;
use super::{delivery, inbound, operator, visitor};

/// Everything that must be known to decide this event. `now` in seconds since 1970.
pub fn questions(rules: &Rules, event: &Event<'_>, now: i64) -> Questions {
    match event {
        Event::Mail(mail, asked) => inbound::questions::questions(mail, asked),
        Event::Form(form) => visitor::questions(form),
        Event::Order(order) => operator::questions(order),
        Event::Hour(scope) => passed::questions(rules, scope, now),
        Event::Settled(settled) => delivery::questions(settled),
    }
}

/// What follows from the answers so far, before the words are read that it makes needed.
pub fn weigh(rules: &Rules, known: &Snapshot, event: &Event<'_>, now: i64) -> Weighed {
    match event {
        Event::Mail(mail, _) => inbound::weigh::weigh(rules, known, mail, now),
        Event::Form(_) | Event::Order(_) | Event::Hour(_) | Event::Settled(_) => Weighed::default(),
    }
}

/// Whether an event may let a held mail go, which [`held_in_question`] then names.
pub fn may_let_go(event: &Event<'_>) -> bool {
    match event {
        // Without any sign of proof nothing is let go, so a forged mail makes nobody read held ones.
        Event::Mail(mail, asked) => asked.sends() && has_a_sign_of_proof(mail),
        Event::Form(form) => matches!(form, visitor::Form::Held { confirm: true, .. }),
        Event::Order(order) => matches!(order, operator::OperatorOrder::Release(_)),
        Event::Hour(_) | Event::Settled(_) => false,
    }
}

fn has_a_sign_of_proof(mail: &Mailed<'_>) -> bool {
    let domain = &mail.facts.domain;
    !mail.seals.tags.is_empty() || !domain.signed.is_empty() || matches!(domain.stamp, Stamp::Pass(_))
}

/// The held mails that an event may let go, for whoever reads them before the transaction. At most
/// [`CANDIDATES_MAX`] of them; which one it is, [`decide`] says.
pub fn held_in_question(known: &Snapshot, event: &Event<'_>) -> Vec<i64> {
    match event {
        Event::Form(visitor::Form::Held { held, .. }) => vec![*held],
        Event::Order(operator::OperatorOrder::Release(held)) => vec![*held],
        _ => known.crossed.iter().rev().map(|(held, _)| *held).take(CANDIDATES_MAX).collect(),
    }
}

/// Held mails that are read for one `#send`: those that came last.
const CANDIDATES_MAX: usize = 8;

/// Whether an event may be a search, whose words [`search_for`] then names.
pub fn may_search(event: &Event<'_>) -> bool {
    match event {
        Event::Mail(mail, asked) => {
            matches!(query::question_for_store(mail, asked), Some(Query::Search(_)))
        }
        Event::Form(_) | Event::Order(_) | Event::Hour(_) | Event::Settled(_) => false,
    }
}

/// The words of the search that an event asks for, for whoever searches before the transaction; `None`: it
/// gets no answer. `known`: what is known without it.
pub fn search_for(rules: &Rules, known: &Snapshot, event: &Event<'_>) -> Option<String> {
    match event {
        Event::Mail(mail, asked) => query::search_for(rules, known, mail, asked),
        Event::Form(_) | Event::Order(_) | Event::Hour(_) | Event::Settled(_) => None,
    }
}

/// What follows from this event.
pub fn decide(rules: &Rules, known: &Snapshot, event: &Event<'_>, moment: Moment) -> Decision {
    match event {
        Event::Mail(mail, asked) => inbound::decide::decide(rules, known, mail, asked, moment),
        Event::Form(form) => visitor::decide(rules, known, form, moment),
        Event::Order(order) => operator::decide(rules, known, order, moment),
        Event::Hour(scope) => passed::decide(rules, known, scope.part, moment),
        Event::Settled(settled) => delivery::decide(rules, known, settled, moment),
    }
}
