//! The Hour over a small desk: Bob and Eve are staff, Zoe does the hardware; tickets of Alice's that wait for
//! an answer.

use crate::desk::builder::decision::Builder;
use crate::desk::hour::due;
use crate::desk::model::{
    Change, Clock, Decision, Hour, Kind, Letter, LetterKind, LetterRef, MessageRef, Moment, Outcome,
    Priority, Snapshot, Staff, Status, Ticket, TicketFacts,
};
use crate::desk::order::actor::Actor;
use crate::desk::order::apply;
use crate::desk::order::command::{self, Order};
use crate::desk::rules::Rules;
use crate::desk::seal;
use crate::desk::testing::{NOW, TEN_DAYS, address, decided_under, human, mail, rules};
use crate::desk::text::dates;
use crate::desk::time::due_date::{Goal, Targets};
use crate::mail::{MessageId, parse};

const HOUR: i64 = 3600;

/// An answer within 4 hours, all hours count; hardware is Zoe's.
fn desk() -> Rules {
    let mut rules = rules();
    rules.targets.goals = [Goal { answer: Some(4 * HOUR), close: None }; 4];
    rules.routes = vec![(None, Some("Hardware".into()), vec![address("zoe@staff.example")])];
    rules
}

fn ticket(number: i64, change: impl FnOnce(&mut Ticket)) -> TicketFacts {
    let mut ticket = Ticket {
        number,
        subject: "Printer".into(),
        status: Status::New,
        priority: Priority::Normal,
        category: None,
        mailbox: None,
        requester: 9,
        assignee: None,
        privacy: false,
        merged_into: None,
        created_at: NOW - 5 * HOUR,
        updated_at: NOW - 5 * HOUR,
        due_at: None,
        wait_until: None,
        closed_at: None,
        clock: Clock::from(NOW - 5 * HOUR),
    };
    change(&mut ticket);
    desk().targets.set(&mut ticket);
    let message = MessageRef {
        id: number,
        origin: None,
        kind: Kind::Customer,
        author: Some(9),
        message_id: None,
        shown: true,
        proven: false,
        created_at: NOW - 5 * HOUR,
    };
    TicketFacts {
        ticket,
        requester: human(9, "alice@customer.example"),
        participants: Vec::new(),
        tags: Vec::new(),
        watchers: Vec::new(),
        messages: vec![message],
        letters: Vec::new(),
    }
}

fn known(tickets: Vec<TicketFacts>) -> Snapshot {
    let staff =
        [(1, "bob"), (2, "eve"), (3, "zoe")].map(|(id, name)| human(id, &format!("{name}@staff.example")));
    Snapshot {
        free: crate::desk::Free { ticket: 100, person: 100, message: 100, letter: 100, mail: 100 },
        staff: staff.map(|person| Staff { person, aliases: Vec::new() }).into(),
        tickets: tickets.into_iter().map(|t| (t.ticket.number, t)).collect(),
        ..Snapshot::default()
    }
}

/// The Hour finds what the store would find; what it writes is there afterwards.
fn pass(rules: &Rules, known: &mut Snapshot, now: i64) -> Decision {
    let of = |is: &dyn Fn(&Ticket) -> bool| {
        known.tickets.values().filter(|f| is(&f.ticket)).map(|f| f.ticket.number).collect()
    };
    let hour = Hour {
        waking: of(&|t| t.status == Status::Waiting && t.wait_until.is_some_and(|at| at <= now)),
        reminding: of(&|t| t.clock.remind_at.is_some_and(|at| at <= now)),
        ..Hour::default()
    };
    let mut builder = Builder::new(rules, known, Moment::new(now, [1; 32]));
    due::let_happen(&mut builder, &hour);
    let decision = builder.finish(Outcome::Append, crate::desk::model::Reason::TimePassed, None);
    for change in &decision.changes {
        if let Change::Ticket { ticket, .. } = change {
            known.tickets.get_mut(&ticket.number).expect("it is known").ticket = (**ticket).clone();
        }
    }
    decision
}

/// (to, kind) of every letter, in the order of addresses.
fn letters(decision: &Decision) -> Vec<(&str, LetterKind)> {
    let mut all: Vec<_> = decision.letters.iter().map(|l| (l.to.local(), l.kind)).collect();
    all.sort_by_key(|(to, _)| *to);
    all
}

fn words(letter: &Letter) -> String {
    let words = parse::parse_for_intake(&letter.bytes).words;
    [words.text, words.quoted, words.signature].join("\n")
}

fn decided_by(rules: &Rules, raw: &str, known: &Snapshot) -> Decision {
    decided_under(rules, raw, known, |_| {})
}

/// The reply address that was given to a person for a ticket, with the message of that ticket.
fn reply_address_of(person: i64, ticket: i64) -> String {
    let reply = seal::Reply { ticket, person, message: ticket, ends_at: NOW + TEN_DAYS };
    seal::with_tag(&rules().address, '+', &seal::reply_tag(&rules().keys, &reply)).to_string()
}

const NOTICE: LetterKind = LetterKind::Notification;

#[test]
fn reminders_go_to_the_assignee_then_to_all_then_to_nobody() {
    let rules = desk();
    let mut known = known(vec![ticket(7, |t| t.assignee = Some(1))]);
    let due = NOW - HOUR;
    assert!(pass(&rules, &mut known, due - 1).letters.is_empty(), "it is not due yet");
    let first = pass(&rules, &mut known, due + 600);
    assert_eq!(letters(&first), [("bob", NOTICE)]);
    let said = words(&first.letters[0]);
    assert!(
        said.contains("DESK-7: overdue: it was due 26 November 2026, 08:00 UTC, 10 minutes ago"),
        "{said}"
    );
    assert!(said.contains("Answer this mail to answer the customer."), "the help line: {said}");
    assert_eq!(known.tickets[&7].ticket.updated_at, NOW - 5 * HOUR, "nobody said anything");
    // A restart or another turn of the Hour repeats nothing.
    assert!(pass(&rules, &mut known, due + 601).letters.is_empty());
    assert!(pass(&rules, &mut known, due + 600 + 2 * HOUR - 1).letters.is_empty());
    let second = pass(&rules, &mut known, due + 600 + 2 * HOUR);
    assert_eq!(letters(&second), [("bob", NOTICE), ("eve", NOTICE), ("zoe", NOTICE)]);
    assert!(words(&second.letters[0]).contains("still overdue, so all staff hear of it"));
    assert!(pass(&rules, &mut known, due + 300 * HOUR).letters.is_empty(), "two are enough for one due date");
    // Another due date begins anew; a customer's letter never was among them.
    let facts = known.tickets.get_mut(&7).expect("a ticket");
    Targets::set_by_hand(&mut facts.ticket, NOW + 400 * HOUR);
    rules.targets.set(&mut facts.ticket);
    assert_eq!(letters(&pass(&rules, &mut known, NOW + 400 * HOUR)), [("bob", NOTICE)]);
    assert!(
        first.letters.iter().chain(&second.letters).all(|l| !l.automatic),
        "none counts as a customer's (T25)"
    );
}

#[test]
fn a_reminder_has_the_fields_of_a_notice_and_can_be_answered() {
    let rules = desk();
    let mut known = known(vec![ticket(7, |t| t.assignee = Some(1))]);
    let letter = &pass(&rules, &mut known, NOW).letters[0];
    let text = String::from_utf8_lossy(&letter.bytes);
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    for field in [
        "From: DESK-7 <support@desk.example>",
        "Subject: Printer [DESK-7]",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply",
        "List-Id: <staff.desk.example>",
        "Reply-To: support+r",
    ] {
        assert!(head.contains(field), "{field} in {head}");
    }
    assert!(!head.contains("Precedence") && !head.contains("List-Unsubscribe"), "{head}");
    let d = decided_by(
        &rules,
        &mail("bob@staff.example", &format!("To: {}\r\nSubject: Re\r\n", reply_address_of(1, 7)), "On it."),
        &known,
    );
    assert!(
        d.letters.iter().any(|l| l.kind == LetterKind::Answer && l.to.local() == "alice"),
        "{}",
        d.reason
    );
}

#[test]
fn without_assignee_the_route_is_reminded_and_without_its_staff_all() {
    let rules = desk();
    let mut at_work = known(vec![ticket(7, |t| t.category = Some("Hardware".into())), ticket(8, |_| {})]);
    let d = pass(&rules, &mut at_work, NOW - HOUR);
    assert_eq!(letters(&d), [("bob", NOTICE), ("eve", NOTICE), ("zoe", NOTICE), ("zoe", NOTICE)]);
    let mut left = known(vec![ticket(7, |t| t.category = Some("Hardware".into()))]);
    left.staff.retain(|s| s.person.id != 3);
    assert_eq!(
        letters(&pass(&rules, &mut left, NOW - HOUR)),
        [("bob", NOTICE), ("eve", NOTICE)],
        "nothing is lost"
    );
}

#[test]
fn t18_after_an_outage_one_letter_tells_of_all_that_is_overdue() {
    let rules = desk();
    let many = || (1..=40).map(|n| ticket(n, |t| t.assignee = (n % 2 == 0).then_some(1))).collect::<Vec<_>>();
    let mut late = known(many());
    let d = pass(&rules, &mut late, NOW + TEN_DAYS);
    let summary = LetterKind::Summary;
    assert_eq!(letters(&d), [("bob", summary), ("eve", summary), ("zoe", summary)]);
    assert!((1..=40).all(|n| words(&d.letters[0]).contains(&format!("DESK-{n}  overdue"))));
    let more = pass(&rules, &mut late, NOW + TEN_DAYS + 2 * HOUR);
    assert_eq!(
        letters(&more),
        [("bob", summary), ("eve", summary), ("zoe", summary)],
        "the second reminder as well"
    );
    // In time but many at once; and one alone, however late, can be answered.
    assert_eq!(letters(&pass(&rules, &mut known(many()), NOW - HOUR)).len(), 3);
    let one = pass(&rules, &mut known(vec![ticket(7, |t| t.assignee = Some(1))]), NOW + TEN_DAYS);
    assert_eq!(letters(&one), [("bob", NOTICE)]);
}

#[test]
fn t31_a_reminder_after_many_notices_waits_for_the_summary() {
    let rules = desk();
    let mut facts = ticket(7, |t| t.assignee = Some(1));
    facts.letters = (0..5)
        .map(|n| LetterRef {
            id: n,
            kind: NOTICE,
            person: 1,
            author: None,
            message: Some(7),
            message_id: MessageId::parse(&format!("{n}@desk.example")).expect("an id"),
            failed: false,
            created_at: NOW - HOUR - 60,
        })
        .collect();
    let d = pass(&rules, &mut known(vec![facts]), NOW - HOUR);
    assert!(d.letters.is_empty() && d.changes.iter().any(|c| matches!(c, Change::Pending { person: 1, .. })));
}

#[test]
fn wait_date_wakes_at_the_end_of_that_day_in_the_desks_zone_and_tells_whom_it_concerns() {
    let mut rules = desk();
    rules.zone = jiff::tz::TimeZone::posix("EAT-3").expect("a zone");
    let none = known(Vec::new());
    let mut builder = Builder::new(&rules, &none, Moment::new(NOW, [1; 32]));
    let mut facts = ticket(7, |t| t.assignee = Some(2));
    let until = command::parse_day("2026-11-30", &rules).expect("a day");
    assert_eq!(dates::full_time(&rules, until + 1), "1 December 2026, 00:00 EAT");
    let actor = Actor { person: None, seen: None };
    apply::apply(&mut builder, &mut facts, &actor, &Order::Wait(Some(until))).expect("it may wait");
    builder.write_ticket(&mut facts);
    let mut known = known(vec![facts]);
    assert!(pass(&rules, &mut known, until - 1).letters.is_empty());
    assert_eq!(known.tickets[&7].ticket.status, Status::Waiting);
    let woken = pass(&rules, &mut known, until + 20);
    assert_eq!(letters(&woken), [("eve", NOTICE)]);
    assert!(words(&woken.letters[0]).contains("DESK-7: the day for which it waited is over"));
    let t = &known.tickets[&7].ticket;
    assert_eq!(
        (t.status, t.wait_until, t.due_at),
        (Status::Open, None, Some(until + 20 + 4 * HOUR)),
        "an answer is due anew"
    );
    assert!(pass(&rules, &mut known, until + 40).letters.is_empty(), "it wakes once");
}

/// `[[route]]`, from the first mail to the day on which its staff are gone.
#[test]
fn a_route_says_whom_mail_concerns_until_the_category_changes() {
    let rules = desk();
    let hear = |facts: &TicketFacts, staff: &[i64]| {
        let mut known = known(vec![facts.clone()]);
        known.staff.retain(|s| staff.contains(&s.person.id));
        let raw = mail(
            "alice@customer.example",
            &format!("To: {}\r\nSubject: more\r\n", reply_address_of(9, 7)),
            "And now?",
        );
        let d = decided_by(&rules, &raw, &known);
        letters(&d).into_iter().filter(|(_, k)| *k == NOTICE).map(|(to, _)| to.to_owned()).collect::<Vec<_>>()
    };
    let mut facts = ticket(7, |_| {});
    assert_eq!(hear(&facts, &[1, 2, 3]), ["bob", "eve", "zoe"], "no route fits");
    let none = known(Vec::new());
    let mut builder = Builder::new(&rules, &none, Moment::new(NOW, [1; 32]));
    let actor = Actor { person: None, seen: None };
    apply::apply(&mut builder, &mut facts, &actor, &Order::Category("Hardware".into())).expect("a category");
    assert_eq!(hear(&facts, &[1, 2, 3]), ["zoe"]);
    assert_eq!(hear(&facts, &[1, 2]), ["bob", "eve"], "her route has nobody left, and nothing is lost");
    apply::apply(&mut builder, &mut facts, &actor, &Order::Category("Software".into())).expect("a category");
    assert_eq!(hear(&facts, &[1, 2, 3]), ["bob", "eve", "zoe"]);
    facts.ticket.assignee = Some(2);
    assert_eq!(hear(&facts, &[1, 2, 3]), ["eve"], "the assignee before every route");
    // By the mailbox through which a first mail came; the first route that fits counts.
    let mut rules = desk();
    let route = |mailbox: &str, category: Option<&str>, who: &str| {
        (
            Some(mailbox.to_owned()),
            category.map(str::to_owned),
            vec![address(&format!("{who}@staff.example"))],
        )
    };
    rules.routes = vec![
        route("sales", Some("Hardware"), "zoe"),
        route("sales", None, "eve"),
        route("sales", None, "bob"),
    ];
    for (mailbox, whom) in [
        (Some("sales"), vec!["eve"]),
        (Some("support"), vec!["bob", "eve", "zoe"]),
        (None, vec!["bob", "eve", "zoe"]),
    ] {
        let raw = mail("carol@customer.example", "To: support@desk.example\r\nSubject: new\r\n", "words");
        let d = decided_under(&rules, &raw, &known(Vec::new()), |m| m.mailbox = mailbox);
        let told =
            letters(&d).into_iter().filter(|(_, k)| *k == NOTICE).map(|(to, _)| to).collect::<Vec<_>>();
        assert_eq!(told, whom, "{mailbox:?}");
    }
}
