//! Due dates as a ticket lives: office hours in Central Europe, a weekend on which the clocks go forward.

use crate::desk::builder::decision::Builder;
use crate::desk::model::message::new_message;
use crate::desk::model::{
    Change, Clock, Kind, Moment, Person, Priority, Snapshot, Status, Ticket, TicketFacts, Via,
};
use crate::desk::order::actor::Actor;
use crate::desk::order::apply;
use crate::desk::order::command::Order;
use crate::desk::rules::Rules;
use crate::desk::testing::rules;
use crate::desk::time::due_date::{Goal, Targets};
use crate::desk::time::hours::Week;
use crate::mail::AddrSpec;
use jiff::tz::TimeZone;

/// Normal: an answer in 4 hours, the end in 3 days. High: 1 hour and 1 day. Low: only the end, 10 days.
/// Urgent: nothing.
fn office() -> Rules {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a rule");
    let week = Week::parse("Mon-Fri 09:00-17:00", zone.clone()).expect("hours");
    let goal =
        |answer: &str, close: &str| Goal { answer: week.work(answer).ok(), close: week.work(close).ok() };
    let goals = [goal("", "10d"), goal("4h", "3d"), goal("1h", "1d"), Goal::default()];
    Rules { targets: Targets { mornings: week.clone(), week, goals }, zone, ..rules() }
}

fn at(rules: &Rules, text: &str) -> i64 {
    let civil: jiff::civil::DateTime = text.parse().expect(text);
    civil.to_zoned(rules.zone.clone()).expect("a time").timestamp().as_second()
}

fn alice() -> Person {
    Person {
        id: 3,
        address: AddrSpec::parse("alice@customer.example").expect("an address"),
        name: String::new(),
        spam: crate::desk::model::Spam::No,
    }
}

/// What happens to the ticket, one step after the other.
enum Step {
    Customer,
    Answer,
    Order(Order),
}

/// The ticket after some steps, each at its time.
fn lived(rules: &Rules, opened: &str, steps: &[(&str, Step)]) -> Ticket {
    let known = Snapshot::default();
    let mut builder = Builder::new(rules, &known, Moment::new(at(rules, opened), [1; 32]));
    let mut facts = builder.open_ticket("Printer", alice(), None);
    builder.add_message(&mut facts, new_message(Kind::Customer, Via::Email, Some(&alice()), "words"));
    for (when, step) in steps {
        builder.moment = Moment::new(at(rules, when), [1; 32]);
        happen(&mut builder, &mut facts, step);
        builder.write_ticket(&mut facts);
    }
    let written = builder.changes.iter().rev().find_map(|c| match c {
        Change::Ticket { ticket, .. } => Some((**ticket).clone()),
        _ => None,
    });
    written.expect("it was written")
}

fn happen(builder: &mut Builder<'_>, facts: &mut TicketFacts, step: &Step) {
    match step {
        Step::Customer => {
            builder.add_message(facts, new_message(Kind::Customer, Via::Email, Some(&alice()), "words"));
            if matches!(facts.ticket.status, Status::Waiting | Status::Closed) {
                builder.set_status(facts, Status::Open);
            }
        }
        Step::Answer => {
            builder.add_message(facts, new_message(Kind::Staff, Via::Email, None, "words"));
            builder.set_status(facts, Status::Waiting);
        }
        Step::Order(order) => {
            apply::apply(builder, facts, &Actor { person: None, seen: None }, order).expect("it may");
        }
    }
}

/// What is told, what happens to a ticket of Friday, 15:00, and when it is due then.
type Row = (&'static str, Vec<(&'static str, Step)>, Option<&'static str>);

fn due(rules: &Rules, opened: &str, steps: &[(&str, Step)]) -> Option<String> {
    let t = lived(rules, opened, steps);
    let zoned = |at: i64| jiff::Timestamp::from_second(at).expect("a time").to_zoned(rules.zone.clone());
    t.due_at.map(|at| zoned(at).strftime("%Y-%m-%dT%H:%M").to_string())
}

#[test]
fn targets_follow_the_life_of_a_ticket() {
    let rules = office();
    let friday = "2026-03-27T15:00";
    let answered = || ("2026-03-30T10:00", Step::Answer);
    let table: Vec<Row> = vec![
        ("a new ticket: its answer, over the weekend", vec![], Some("2026-03-30T11:00")),
        (
            "a second mail while the first waits",
            vec![("2026-03-27T16:00", Step::Customer)],
            Some("2026-03-30T11:00"),
        ),
        ("answered: the end, from the creation", vec![answered()], Some("2026-04-01T15:00")),
        (
            "the customer again: the answer",
            vec![answered(), ("2026-03-31T09:00", Step::Customer)],
            Some("2026-03-31T13:00"),
        ),
        (
            "but the end first",
            vec![answered(), ("2026-04-01T14:00", Step::Customer)],
            Some("2026-04-01T15:00"),
        ),
        (
            "the end had passed",
            vec![answered(), ("2026-04-02T09:00", Step::Customer)],
            Some("2026-04-02T13:00"),
        ),
    ];
    for (what, steps, wanted) in table {
        assert_eq!(due(&rules, friday, &steps).as_deref(), wanted, "{what}");
    }
}

#[test]
fn orders_move_the_due_date() {
    use crate::desk::order::command::Order::{Due, Priority as P, Status as S};
    let rules = office();
    let by_hand = at(&rules, "2026-04-10T23:59");
    let friday = "2026-03-27T15:00";
    let answered = || ("2026-03-30T10:00", Step::Answer);
    let table: Vec<Row> = vec![
        ("more urgent", vec![("2026-03-27T16:00", Step::Order(P(Priority::High)))], Some("2026-03-27T16:00")),
        (
            "less urgent: the end alone",
            vec![("2026-03-27T16:00", Step::Order(P(Priority::Low)))],
            Some("2026-04-10T15:00"),
        ),
        ("no target at this priority", vec![("2026-03-27T16:00", Step::Order(P(Priority::Urgent)))], None),
        (
            "by hand, whatever happens",
            vec![
                ("2026-03-27T16:00", Step::Order(Due(by_hand))),
                answered(),
                ("2026-03-31T09:00", Step::Order(P(Priority::High))),
            ],
            Some("2026-04-10T23:59"),
        ),
        (
            "a close clears",
            vec![
                ("2026-03-27T16:00", Step::Order(Due(by_hand))),
                ("2026-03-30T09:00", Step::Order(S(Status::Closed))),
            ],
            None,
        ),
        (
            "by hand on a closed ticket",
            vec![
                ("2026-03-30T09:00", Step::Order(S(Status::Closed))),
                ("2026-03-30T10:00", Step::Order(Due(by_hand))),
            ],
            Some("2026-04-10T23:59"),
        ),
        (
            "reopened long after: both anew",
            vec![("2026-03-30T09:00", Step::Order(S(Status::Closed))), ("2026-10-23T15:00", Step::Customer)],
            Some("2026-10-26T11:00"),
        ),
        (
            "reopened and answered: the end from there",
            vec![
                ("2026-03-30T09:00", Step::Order(S(Status::Closed))),
                ("2026-10-23T15:00", Step::Customer),
                ("2026-10-23T16:00", Step::Answer),
            ],
            Some("2026-10-28T15:00"),
        ),
        (
            "our turn by command",
            vec![answered(), ("2026-03-31T09:00", Step::Order(S(Status::Open)))],
            Some("2026-03-31T13:00"),
        ),
    ];
    for (what, steps, wanted) in table {
        assert_eq!(due(&rules, friday, &steps).as_deref(), wanted, "{what}");
    }
}

#[test]
fn nobody_is_reminded_while_the_customer_has_the_turn() {
    let rules = office();
    let friday = "2026-03-27T15:00";
    let new = lived(&rules, friday, &[]);
    assert_eq!(new.clock.remind_at, new.due_at);
    let waiting = lived(&rules, friday, &[("2026-03-27T16:00", Step::Order(Order::Wait(None)))]);
    assert_eq!((waiting.due_at, waiting.clock.remind_at), (new.due_at, None), "it keeps its due date");
    let back = lived(
        &rules,
        friday,
        &[("2026-03-27T16:00", Step::Order(Order::Wait(None))), ("2026-03-30T09:00", Step::Customer)],
    );
    assert_eq!(back.clock.remind_at, Some(at(&rules, "2026-03-30T13:00")));
    let closed = lived(&rules, friday, &[("2026-03-27T16:00", Step::Order(Order::Status(Status::Closed)))]);
    assert_eq!(closed.clock.remind_at, None);
}

#[test]
fn the_second_reminder_comes_half_of_the_time_later_and_a_new_due_date_begins_anew() {
    let rules = office();
    let mut t = lived(&rules, "2026-03-27T15:00", &[]);
    t.clock.reminded = 1;
    t.clock.reminded_at = Some(at(&rules, "2026-03-30T16:30"));
    rules.targets.set(&mut t);
    assert_eq!(t.clock.remind_at, Some(at(&rules, "2026-03-31T10:30")), "two hours of work");
    t.priority = Priority::Low;
    rules.targets.set(&mut t);
    assert_eq!((t.clock.reminded, t.clock.remind_at), (0, t.due_at));
    Targets::set_by_hand(&mut t, at(&rules, "2026-04-10T23:59"));
    (t.clock.reminded, t.clock.reminded_at) = (1, t.due_at);
    rules.targets.set(&mut t);
    assert_eq!(
        t.clock.remind_at,
        Some(at(&rules, "2026-04-13T17:00")),
        "a working day where nothing says how long an answer takes"
    );
    t.clock.reminded = 2;
    rules.targets.set(&mut t);
    assert_eq!(t.clock.remind_at, None, "two are enough");
}

#[test]
fn a_due_date_that_was_set_after_the_close_reminds_from_the_reopening_on() {
    let rules = office();
    let by_hand = at(&rules, "2026-04-10T23:59");
    let close = || ("2026-03-27T16:00", Step::Order(Order::Status(Status::Closed)));
    let set = || ("2026-03-27T16:30", Step::Order(Order::Due(by_hand)));
    let closed = lived(&rules, "2026-03-27T15:00", &[close(), set()]);
    assert_eq!((closed.due_at, closed.clock.remind_at), (Some(by_hand), None));
    let open = lived(&rules, "2026-03-27T15:00", &[close(), set(), ("2026-03-30T09:00", Step::Customer)]);
    assert_eq!((open.due_at, open.clock.remind_at), (Some(by_hand), Some(by_hand)));
}

#[test]
fn t18_history_is_due_to_nobody() {
    let rules = office();
    let known = Snapshot::default();
    let mut builder = Builder::new(&rules, &known, Moment::new(at(&rules, "2026-03-27T15:00"), [1; 32]));
    let facts = builder.open_ticket_with_clock("old", alice(), None, Clock::default());
    assert_eq!((facts.ticket.due_at, facts.ticket.clock.remind_at), (None, None));
}
