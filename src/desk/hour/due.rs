//! The Hour: what happens because time passes. Tickets wake, due dates are reminded of, notices that were
//! held back leave as one, and the daily digest goes out ([`super::digest`]).

use crate::desk::builder::decision::Builder;
use crate::desk::builder::gate;
use crate::desk::letter::{notification, summary};
use crate::desk::model::{Change, Hour, Person, Staff, Status, TicketFacts, WaitingNotice};
use crate::desk::notify;
use crate::desk::rules::Rules;
use crate::desk::text::dates;
use std::collections::BTreeMap;

/// A notice that is later than this tells of an outage, and two of them leave as one letter; seconds (T18).
const LATE_SECS: i64 = 3600;

fn held_line(rules: &Rules, held: &WaitingNotice) -> String {
    held.ticket.map_or_else(|| held.why.clone(), |n| format!("{}  {}", rules.token(n), held.why))
}

/// A notice about a ticket, before it is known whether it leaves alone.
struct DueNotice {
    ticket: i64,
    headline: String,
    late: bool,
}

/// What has come due happens. The snapshot holds the tickets that the hour names.
pub fn let_happen(builder: &mut Builder<'_>, hour: &Hour) {
    let (rules, known) = (builder.rules, builder.known);
    let mut tickets: BTreeMap<i64, TicketFacts> = BTreeMap::new();
    let mut notices: BTreeMap<i64, (Person, Vec<DueNotice>)> = BTreeMap::new();
    for (numbers, happens) in
        [(&hour.ahead, set_right as Happens), (&hour.waking, wake), (&hour.reminding, remind)]
    {
        for number in numbers {
            let before = tickets.remove(number).or_else(|| known.tickets.get(number).cloned());
            let Some(mut facts) = before else { continue };
            if let Some((staff, headline, due_at)) = happens(builder, &mut facts) {
                let late = builder.now() - due_at > LATE_SECS;
                for s in staff {
                    let due = DueNotice { ticket: *number, headline: headline.clone(), late };
                    notices.entry(s.person.id).or_insert_with(|| (s.person, Vec::new())).1.push(due);
                }
            }
            tickets.insert(*number, facts);
        }
    }
    let mut lines: BTreeMap<i64, (Person, Vec<String>)> = BTreeMap::new();
    for h in &hour.held {
        builder.change(Change::PendingDone { id: h.id });
        if known.staff_by_id(h.person.id).is_some() {
            lines
                .entry(h.person.id)
                .or_insert_with(|| (h.person.clone(), Vec::new()))
                .1
                .push(held_line(rules, h));
        }
    }
    for (id, (person, mine)) in notices {
        let together = mine.len() > gate::NOTICES_MAX || (mine.len() > 1 && mine.iter().any(|n| n.late));
        if together {
            let all = mine.into_iter().map(|n| format!("{}  {}", rules.token(n.ticket), n.headline));
            lines.entry(id).or_insert_with(|| (person, Vec::new())).1.extend(all);
        } else {
            mine.into_iter().for_each(|n| notify_person(builder, tickets.get_mut(&n.ticket), &person, n));
        }
    }
    for (person, lines) in lines.into_values() {
        let more = hour.held_more.iter().find(|(id, _)| *id == person.id).map_or(0, |(_, n)| *n);
        summary::queue(builder, &person, &lines, usize::try_from(more).unwrap_or(0));
    }
    for (person, _) in &hour.held_more {
        builder.change(Change::MorePendingTold { person: *person });
    }
}

/// What happens to a ticket: who hears of it, in which words, and when it was to happen. `None`: nothing any
/// more.
type Happens = fn(&mut Builder<'_>, &mut TicketFacts) -> Option<(Vec<Staff>, String, i64)>;

/// A clock that was ahead wrote it: what it says of the past is now, and its due date follows (T93).
fn set_right(builder: &mut Builder<'_>, facts: &mut TicketFacts) -> Option<(Vec<Staff>, String, i64)> {
    builder.write_ticket_quietly(facts);
    None
}

/// The day of `#wait DATE` is over.
fn wake(builder: &mut Builder<'_>, facts: &mut TicketFacts) -> Option<(Vec<Staff>, String, i64)> {
    let until =
        facts.ticket.wait_until.filter(|t| *t <= builder.now() && facts.ticket.status == Status::Waiting)?;
    builder.set_status(facts, Status::Open);
    builder.write_ticket(facts);
    let headline = "the day for which it waited is over; it is open again";
    Some((notify::concerned(builder, facts, None), headline.to_owned(), until))
}

/// The due date passed: whom it concerns hears of it, and where that was not enough, all staff.
fn remind(builder: &mut Builder<'_>, facts: &mut TicketFacts) -> Option<(Vec<Staff>, String, i64)> {
    let t = &facts.ticket;
    let at = t.clock.remind_at.filter(|at| *at <= builder.now())?;
    let due = t.due_at.filter(|_| matches!(t.status, Status::New | Status::Open))?;
    let since =
        format!("{}, {} ago", dates::full_time(builder.rules, due), dates::rounded_span(builder.now() - due));
    let (staff, headline) = match t.clock.reminded {
        0 => (notify::concerned(builder, facts, None), format!("overdue: it was due {since}")),
        1 => (
            builder.known.staff.clone(),
            format!("still overdue, so all staff hear of it: it was due {since}"),
        ),
        _ => return None,
    };
    facts.ticket.clock.reminded += 1;
    facts.ticket.clock.reminded_at = Some(builder.now());
    builder.write_ticket_quietly(facts);
    Some((staff, headline, at))
}

/// One letter about one ticket.
fn notify_person(
    builder: &mut Builder<'_>,
    facts: Option<&mut TicketFacts>,
    person: &Person,
    due: DueNotice,
) {
    let Some(facts) = facts else { return };
    let notice = notification::Notice {
        headline: notification::Headline::Whole(format!(
            "{}: {}",
            builder.rules.token(due.ticket),
            due.headline
        )),
        words: "",
        lines: notification::card(builder, facts, &[]),
        files: Vec::new(),
        left_out: Vec::new(),
        message: shown_to(facts, person.id),
    };
    notification::queue(builder, facts, person, &notice);
}

/// The newest message that a letter about this ticket brought to a person; 0: none. A reminder brings none,
/// so an answer to it is as old as that letter.
fn shown_to(facts: &TicketFacts, person: i64) -> i64 {
    facts.letters.iter().filter(|l| l.person == person).filter_map(|l| l.message).max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
