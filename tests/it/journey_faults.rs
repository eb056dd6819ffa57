//! The same way while peers fail: refused recipients, dead mailboxes, a relay that is away, connections that
//! are cut, a mailbox that changed its identity, and kills at random.

use crate::letters::{Draft, Person, canary, person};
use crate::proxy::Proxy;
use crate::stage::{free_port, stage, until};
use crate::world::{Setup, World};
use std::collections::{HashMap, HashSet};
use std::thread;
use std::time::Duration;

/// The relay refuses the recipient of a staff answer at RCPT: it is shown, and its author is told once.
#[test]
fn refused_staff_answer_is_told() {
    let world = World::new();
    let nobody = Person {
        name: "No Body".into(),
        address: format!("refused@{}", person("x").address.split_once('@').expect("@").1),
    };
    let opened_by_cli = {
        world.send(&Draft::new(&nobody, &world.desk, "I cannot be reached", "Hello?"));
        world.letter(&world.bob, "the notification", |l| l.text().contains("Hello?"))
    };
    let number = opened_by_cli.ticket().expect("a token");
    let word = canary("REFUSED");
    world.send(&Draft::answer(&world.bob, &opened_by_cli, &word));
    let told = |l: &crate::letters::Letter| {
        l.field("Auto-Submitted").as_deref() == Some("auto-replied") && l.text().contains(&nobody.address)
    };
    let result = world.letter(&world.bob, "the result letter about the failure", told);
    assert!(result.text().contains("no such person here"), "the relay's own words: {}", result.text());
    let rows = world.outbox_of(&nobody.address);
    assert!(rows.iter().any(|r| r["kind"] == "answer" && r["state"] == "failed"), "{rows:?}");
    world.send(&Draft::answer(&world.bob, &opened_by_cli, "and once more"));
    until("the second refusal in the outbox", || {
        let failed = |r: &&serde_json::Value| r["kind"] == "answer" && r["state"] == "failed";
        (world.outbox_of(&nobody.address).iter().filter(failed).count() == 2).then_some(())
    });
    world.settle();
    let count =
        world.letters(&world.bob.address).iter().filter(|l| told(l) && l.ticket() == Some(number)).count();
    assert_eq!(count, 1, "the first permanent failure per ticket and address, once");
}

/// The relay accepts a staff answer and reports later that it could not be delivered.
#[test]
fn bounce_of_a_staff_answer() {
    let world = World::new();
    let alice = Person {
        name: "Alice".into(),
        address: format!("bounces@{}", person("x").address.split_once('@').expect("@").1),
    };
    world.send(&Draft::new(&alice, &world.desk, "I come back", "Hello?"));
    let notice = world.letter(&world.bob, "the notification", |l| l.text().contains("Hello?"));
    let number = notice.ticket().expect("a token");
    world.send(&Draft::answer(&world.bob, &notice, &canary("BOUNCED")));
    let result = world.letter(&world.bob, "the result letter about the report", |l| {
        l.field("Auto-Submitted").as_deref() == Some("auto-replied") && l.text().contains(&alice.address)
    });
    assert_eq!(result.ticket(), Some(number));
    world.settle();
    // Reports are attached; they make no ticket, cause no confirmation and change no status.
    assert!(
        world
            .tickets()
            .iter()
            .all(|t| { !t["requester"]["address"].as_str().unwrap_or_default().contains("MAILER-DAEMON") })
    );
    assert_eq!(world.status_of(number), "waiting");
    world.audit_is_clean();
}

#[test]
fn dead_mailbox_stops_no_other() {
    let dead = format!(
        "\n[[mailbox]]\nname = \"dead\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"implicit\"\n\
         user = \"dead@desk.example\"\npassword_file = \"password\"\n",
        free_port()
    );
    let mut world = World::with(Setup { end: dead, ..Setup::default() });
    world.launch(&[]);
    // Mail that comes before the first connect is never answered, so somebody new writes until one is.
    let mut asked: Vec<Person> = Vec::new();
    until("a confirmation through the living mailbox", || {
        asked.push(person("alive"));
        world.send(&Draft::new(&asked[asked.len() - 1], &world.desk, "still there?", "?"));
        thread::sleep(Duration::from_millis(500));
        asked.iter().any(|p| !world.letters(&p.address).is_empty()).then_some(())
    });
    assert_eq!(world.get("/healthz").0, 503, "one mailbox was never opened");
    let status = world.run(&["status"]);
    assert_eq!(status.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&status.stdout).contains("dead"), "status names it");
    assert_eq!(world.run(&["audit"]).status.code(), Some(69), "audit without its server");
    assert_eq!(world.stop(), Some(0));
}

#[test]
fn relay_down_then_up() {
    let proxy = Proxy::to(stage().postfix.submission);
    let world = World::with(Setup { smtp: Some((proxy.port, "starttls")), ..Setup::default() }).started();
    let first = person("first");
    world.open(&first, "before", "x");
    proxy.down();
    let alice = person("alice");
    world.send(&Draft::new(&alice, &world.desk, "during", "x"));
    until("the letter in outbox list, with a reason", || {
        let rows = world.outbox_of(&alice.address);
        rows.iter()
            .any(|r| r["reason"].as_str().is_some_and(|s| !s.is_empty()) && r["kind"] == "confirmation")
            .then_some(())
    });
    assert!(world.letters(&alice.address).is_empty());
    proxy.up();
    assert_eq!(world.run(&["outbox", "retry"]).status.code(), Some(0));
    world.letter(&alice, "the confirmation after the outage", |_| true);
    until("an empty outbox", || world.list(&["outbox", "list"]).is_empty().then_some(()));
    world.settle();
    assert_eq!(world.letters(&alice.address).len(), 1, "once");
}

#[test]
fn idle_lost() {
    let proxy = Proxy::to(stage().dovecot.imaps);
    let world = World::with(Setup { imap: Some((proxy.port, "implicit")), ..Setup::default() }).started();
    for round in 0..3 {
        world.open(&person("steady"), "steady", "x");
        let before = proxy.taken();
        proxy.cut();
        world.open(&person("after"), "after the cut", "x");
        assert!(proxy.taken() > before, "round {round}: a new connection");
    }
    world.audit_is_clean();
    assert_eq!(world.tickets().len(), 6);
}

#[test]
fn uidvalidity_changed() {
    let proxy = Proxy::to(stage().dovecot.imap);
    let world = World::with(Setup { imap: Some((proxy.port, "none")), ..Setup::default() }).started();
    let people: Vec<Person> = (0..6).map(|_| person("mail")).collect();
    for who in &people {
        world.open(who, "before the change", "x");
    }
    // From now on the server calls the same mailbox by another number, as after a restore: every UID means
    // something new.
    proxy.rewrite(|line| {
        let (head, rest) = line.split_once("UIDVALIDITY ")?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let number: u32 = digits.parse().ok()?;
        Some(format!("{head}UIDVALIDITY {}{}", number + 1000, &rest[digits.len()..]))
    });
    proxy.cut();
    let late = person("late");
    world.open(&late, "after the change", "x");
    world.settle();
    for who in people.iter().chain([&late]) {
        assert_eq!(world.letters(&who.address).len(), 1, "one confirmation for {}", who.address);
        assert_eq!(world.tickets_of(who).len(), 1, "one ticket of {}", who.address);
    }
    world.audit_is_clean();
}

/// 40 mails while the daemon is killed again and again: nothing lost, each confirmed, no second id.
#[test]
fn killed_at_random() {
    let mut world =
        World::with(Setup { end: "[limits]\nletters_per_domain_hour = 10000\n".into(), ..Setup::default() })
            .started();
    let people: Vec<Person> = (0..40).map(|_| person("crowd")).collect();
    let drafts: Vec<Draft> =
        people.iter().map(|p| Draft::new(p, &world.desk, &format!("of {}", p.name), "x")).collect();
    let to = world.desk.clone();
    let writer = thread::spawn(move || {
        for draft in drafts {
            let from = draft.from.split(['<', '>']).nth(1).expect("an address").to_owned();
            crate::mailer::deliver(&draft.bytes(), &from, &to);
            thread::sleep(Duration::from_millis(60));
        }
    });
    // Here chance is the point, and no waiting: each kill falls somewhere else in the work.
    let mut dice = 0x2545_f491_u64 ^ u64::from(std::process::id());
    let kills = 8;
    for _ in 0..kills {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        thread::sleep(Duration::from_millis(150 + dice % 500));
        world.kill();
        world.launch(&[]);
    }
    writer.join().expect("all mails were delivered");
    world.ready();
    for who in &people {
        world.letter(who, "the confirmation", |_| true);
    }
    world.settle();
    world.audit_is_clean();
    let mut owners: HashMap<String, i64> = HashMap::new();
    for ticket in world.tickets() {
        *owners.entry(ticket["requester"]["address"].as_str().unwrap_or_default().to_owned()).or_default() +=
            1;
    }
    let mut repeats = 0;
    for who in &people {
        assert_eq!(owners.get(&who.address), Some(&1), "one ticket of {}", who.address);
        let letters = world.letters(&who.address);
        let ids: HashSet<String> = letters.iter().map(|l| l.id()).collect();
        assert_eq!(ids.len(), 1, "one confirmation for {}, under one Message-ID", who.address);
        let bytes: HashSet<&[u8]> = letters.iter().map(|l| l.sent_bytes()).collect();
        assert_eq!(bytes.len(), 1, "a repeat has the same bytes");
        repeats += letters.len() - 1;
    }
    assert!(repeats <= kills, "{repeats} repeats after {kills} kills");
}
