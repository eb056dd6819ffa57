//! A name server that keeps silent, before the running program: mail is taken in all the same, unproven and
//! after one bounded wait; what needs no names comes first; and who kept silent is left alone.

use crate::dns::Dns;
use crate::letters::{Draft, Person, person};
use crate::mailer::deliver;
use crate::signer::Signer;
use crate::stage::until;
use crate::world::{Setup, World};

/// A desk that asks this name server.
fn asking(dns: &Dns) -> World {
    let world = World::with(Setup::default());
    world.edit(|text| {
        let (before, after) = text.split_once("[dns]\n").expect("a table");
        let rest = after.split_once('\n').expect("a line").1;
        format!("{before}[dns]\nserver = \"127.0.0.1:{}\"\n{rest}", dns.port)
    });
    world
}

/// A customer of a domain of their own, which signs their mail.
fn customer(n: usize) -> (Person, Signer) {
    let mut who = person(&format!("customer{n}"));
    let local = who.address.split('@').next().expect("a local part").to_owned();
    let domain = format!("{local}.customers.example");
    who.address = format!("{local}@{domain}");
    let signer = Signer::new(&domain);
    (who, signer)
}

fn send(world: &World, (who, signer): &(Person, Signer), subject: &str) {
    let mail = Draft::new(who, &world.desk, subject, "Words.").bytes();
    deliver(&signer.sign(&mail), &who.address, &world.desk);
}

/// The number of the one ticket with this subject.
fn number(world: &World, subject: &str) -> Option<i64> {
    let all: Vec<i64> = world
        .tickets()
        .iter()
        .filter(|t| t["subject"] == subject)
        .map(|t| t["number"].as_i64().expect("a number"))
        .collect();
    assert!(all.len() < 2, "{subject} was taken in {} times", all.len());
    all.first().copied()
}

fn verified(world: &World, number: i64) -> String {
    let ticket = world.ticket(number);
    ticket["messages"][0]["verified"].as_str().expect("a word").to_owned()
}

#[test]
fn t106_a_silent_name_server_costs_one_wait() {
    let dns = Dns::start();
    dns.keep_silent(Some(""));
    let mut world = asking(&dns).started();
    assert_eq!(world.stop(), Some(0));
    // What comes while the daemon is away is one batch.
    let customers: Vec<_> = (0..10).map(customer).collect();
    for (n, who) in customers.iter().enumerate() {
        send(&world, who, &format!("first {n}"));
    }
    let plain = person("plain");
    world.send(&Draft::new(&plain, &world.desk, "needs no names", "Words."));
    world.start();
    let first: Vec<i64> = (0..10)
        .map(|n| until(&format!("mail {n} to be taken in"), || number(&world, &format!("first {n}"))))
        .collect();
    let early = number(&world, "needs no names").expect("a ticket");
    assert!(first.iter().all(|late| early < *late), "{early} is before all of {first:?}");
    assert!(first.iter().all(|n| verified(&world, *n) == "none"), "no answer is no proof");
    let asked = || customers.iter().map(|(_, signer)| dns.asked(&signer.name())).collect::<Vec<_>>();
    let before = asked();
    assert!(before.iter().all(|n| (3..=9).contains(n)), "three tries each: {before:?}");
    for (n, who) in customers.iter().enumerate() {
        send(&world, who, &format!("second {n}"));
    }
    for n in 0..10 {
        until(&format!("second mail {n}"), || number(&world, &format!("second {n}")));
    }
    assert_eq!(asked(), before, "nobody waits once more for who kept silent");
    // When the server speaks again, everybody is asked for again.
    dns.keep_silent(None);
    let (who, signer) = &customers[0];
    dns.text(&signer.name(), &signer.record(""));
    let mut round = 0;
    until("the server to be believed again", || {
        round += 1;
        send(&world, &customers[0], &format!("round {round}"));
        let taken = until("the mail", || number(&world, &format!("round {round}")));
        (verified(&world, taken) == "dkim").then_some(())
    });
    assert!(world.tickets_of(who).len() > 2);
}

#[test]
fn t106_a_silent_zone_is_left_alone() {
    let dns = Dns::start();
    let world = asking(&dns).started();
    let (silent, other) = (customer(0), customer(1));
    dns.text(&silent.1.name(), &silent.1.record(""));
    dns.text(&other.1.name(), &other.1.record(""));
    dns.keep_silent(Some(&silent.1.domain));
    send(&world, &silent, "silent");
    let taken = until("the mail", || number(&world, "silent"));
    assert_eq!(verified(&world, taken), "none");
    let before = dns.asked(&silent.1.name());
    dns.keep_silent(None);
    send(&world, &silent, "left alone");
    let taken = until("the mail", || number(&world, "left alone"));
    assert_eq!((verified(&world, taken).as_str(), dns.asked(&silent.1.name())), ("none", before));
    send(&world, &other, "of another zone");
    let taken = until("the mail", || number(&world, "of another zone"));
    assert_eq!(verified(&world, taken), "dkim", "the server speaks, so others are asked");
}

/// What comes while an earlier mail waits for names does not wait with it, and that one is taken in once.
#[test]
fn t106_a_later_mail_overtakes_one_that_waits() {
    let dns = Dns::start();
    dns.keep_silent(Some(""));
    let world = asking(&dns).started();
    let (who, plain) = (customer(0), person("plain"));
    send(&world, &who, "waits");
    until("the server to be asked", || (dns.asked(&who.1.name()) > 0).then_some(()));
    world.send(&Draft::new(&plain, &world.desk, "overtakes", "Words."));
    let late = until("the mail that waits", || number(&world, "waits"));
    let early = number(&world, "overtakes").expect("it is there already");
    assert!(early < late, "{early} before {late}");
    world.settle();
    assert_eq!(number(&world, "waits"), Some(late), "once");
    world.audit_is_clean();
}

/// Mails that wait for DNS are behind the cursor already; a kill loses none of them and doubles none.
#[test]
fn t106_a_kill_while_mail_waits_for_names_loses_nothing() {
    let dns = Dns::start();
    dns.keep_silent(Some(""));
    let mut world = asking(&dns).started();
    assert_eq!(world.stop(), Some(0));
    let customers: Vec<_> = (0..3).map(customer).collect();
    for (n, who) in customers.iter().enumerate() {
        send(&world, who, &format!("waiting {n}"));
        dns.text(&who.1.name(), &who.1.record(""));
    }
    let plain = person("plain");
    world.send(&Draft::new(&plain, &world.desk, "needs no names", "Words."));
    world.launch(&[]);
    until("the mail that needs no names", || number(&world, "needs no names"));
    world.kill();
    dns.keep_silent(None);
    world.start();
    let all = || (0..3).filter(|n| number(&world, &format!("waiting {n}")).is_some()).count();
    until("all that waited", || (all() == 3).then_some(()));
    world.settle();
    assert_eq!(all(), 3, "each is still there once");
}
