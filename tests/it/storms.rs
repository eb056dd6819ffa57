//! Storms among real servers (issue, Done when 3; T23 to T26): two daemons wired to each other through
//! Postfix and Dovecot, a robot that answers everything from changing addresses and bears no mark, somebody
//! on holiday, a mailbox that bounces, and people.

use crate::letters::{Draft, Letter, Person, canary, number, person};
use crate::stage::{stage, until};
use crate::world::{Setup, World};
use std::collections::HashSet;

/// Letters to one domain in an hour, so that the breaker is met soon.
const LIMIT: usize = 20;

fn at(local: &str, domain: &str) -> Person {
    Person { name: local.to_owned(), address: format!("{local}@{domain}") }
}

/// Every mail that lies in somebody's mailbox, whoever sent it.
fn mails_of(who: &Person) -> Vec<Letter> {
    stage().dovecot.mails(&who.address, "INBOX").into_iter().map(|raw| Letter { raw }).collect()
}

/// Of one desk, by a machine.
fn automatic_from(world: &World, who: &Person) -> usize {
    mails_of(who)
        .iter()
        .filter(|l| l.address("From") == world.desk && l.field("Auto-Submitted").is_some())
        .count()
}

fn breaker(world: &World, domain: &str) -> bool {
    world.json(&["status"])["parts"]
        .to_string()
        .contains(&format!("the breaker of the domain {domain} is open"))
}

/// The robot, and who is on holiday: each answers what came since, to where it is asked to.
struct Answering {
    robots: Vec<Person>,
    holiday: Person,
    seen: HashSet<String>,
    turn: usize,
}

impl Answering {
    fn round(&mut self, one: &World) -> usize {
        let mut new = 0;
        for letter in self.robots.iter().flat_map(mails_of).collect::<Vec<_>>() {
            if self.seen.insert(letter.id()) {
                self.turn += 1;
                new += 1;
                let robot = &self.robots[self.turn % self.robots.len()];
                one.send(&Draft::new(
                    robot,
                    &letter.reply_to(),
                    &canary("received"),
                    "We received your request.",
                ));
            }
        }
        for letter in mails_of(&self.holiday) {
            if self.seen.insert(letter.id()) {
                new += 1;
                let away = Draft::answer(&self.holiday, &letter, "I am away.")
                    .with("Auto-Submitted", "auto-replied (vacation)");
                one.send(&away);
            }
        }
        new
    }
}

#[test]
fn done_when_3_two_daemons_a_robot_a_holiday_and_a_bouncer_fall_silent() {
    let desk = || {
        World::with(Setup {
            end: format!("[limits]\nletters_per_domain_hour = {LIMIT}\n"),
            ..Setup::default()
        })
        .started()
    };
    let (one, two) = (desk(), desk());
    let domain = format!("robots{}.example", number());
    let company = format!("company{}.example", number());
    let mut others = Answering {
        robots: (0..6).map(|n| at(&format!("r{n}"), &domain)).collect(),
        holiday: person("holiday"),
        seen: HashSet::new(),
        turn: 0,
    };
    let bouncer = at("bounces", &person("x").address.replace('@', "."));
    let meets = [(&one, &two), (&two, &one)];
    for (here, there) in meets {
        assert!(!breaker(here, &domain));
        // The other desk, as by a forward; a stranger who asks that answers go there; the bouncer; the one on
        // holiday.
        let other = Person { name: "Test Desk".into(), address: there.desk.clone() };
        here.send(&Draft::new(&other, &here.desk, "forwarded to you", "x"));
        here.send(
            &Draft::new(&person("stranger"), &here.desk, "answer over there", "x")
                .with("Reply-To", &there.desk),
        );
        here.send(&Draft::new(&bouncer, &here.desk, "I cannot be reached", "x"));
        here.send(&Draft::new(&others.holiday, &here.desk, "before I leave", "x"));
        for robot in &others.robots {
            here.send(&Draft::new(robot, &here.desk, &canary("dear"), "Dear customer."));
        }
    }
    // In the middle of it, people write for the first time, many of them of one company.
    let people: Vec<Person> =
        (0..LIMIT - 2).map(|n| at(&format!("p{n}"), &company)).chain([person("alone")]).collect();
    for who in &people {
        one.send(&Draft::new(who, &one.desk, "a question", "How?"));
    }
    // Until a whole round, with both desks at rest, brings nobody a letter that they would answer.
    loop {
        let mut new = others.round(&one);
        one.settle();
        two.settle();
        new += others.round(&one);
        if new == 0 {
            break;
        }
        assert!(others.turn < 40 * LIMIT, "it never ends");
    }
    for who in &people {
        assert_eq!(automatic_from(&one, who), 1, "the first mail of {} is confirmed, once", who.address);
    }
    for (here, there) in meets {
        let robots: Vec<usize> = others.robots.iter().map(|r| automatic_from(here, r)).collect();
        assert!(
            robots.iter().all(|n| *n <= 10) && robots.iter().sum::<usize>() == LIMIT,
            "letters to the robot: {robots:?}"
        );
        assert_eq!(automatic_from(here, &others.holiday), 1);
        let other = Person { name: String::new(), address: there.desk.clone() };
        assert_eq!(automatic_from(here, &other), 1, "the desks greet each other, and that is all");
        assert!(breaker(here, &domain), "it is seen in status");
        nothing_is_lost(here, &domain);
    }
}

/// Whoever was not answered has a ticket, every mail in the mailbox has one outcome, and the operator is
/// told.
fn nothing_is_lost(here: &World, domain: &str) {
    let tickets = here.tickets();
    let of_robots = tickets.iter().filter(|t| t["requester"]["address"].to_string().contains(domain)).count();
    assert!(of_robots > LIMIT, "{of_robots} tickets of the robot");
    assert!(
        tickets.iter().all(|t| !t["requester"]["address"].to_string().contains("MAILER-DAEMON")),
        "a report is no ticket"
    );
    here.audit_is_clean();
    let told = || {
        let log = std::fs::read_to_string(here.dir.join("log")).expect("the log");
        let open = format!("the breaker of the domain {domain} is open");
        log.lines().filter(|l| l.contains("WARN") && l.contains(&open)).count()
    };
    until("the operator to be told", || (told() > 0).then_some(()));
    assert_eq!(told(), 1, "once");
}
