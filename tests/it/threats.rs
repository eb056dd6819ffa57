//! THREATS.md, group of the robots: bounces, automatic answers, loops, our own mail, vacations.

use crate::letters::{Draft, Letter, Person, canary, person};
use crate::mailer::deliver;
use crate::stage::until;
use crate::world::{Setup, World};

fn automatic(letter: &Letter) -> bool {
    letter.field("Auto-Submitted").is_some()
}

#[test]
fn t24_bounces_are_never_answered() {
    let world = World::new();
    let robots: Vec<Person> =
        ["mailer-daemon", "postmaster", "no-reply", "noreply"].into_iter().map(person).collect();
    for robot in &robots {
        world.send(&Draft::new(
            robot,
            &world.desk,
            "Delivery failed",
            "Something went wrong with your mail.",
        ));
    }
    // The null reverse-path marks a bounce whatever its From says.
    let nobody = person("plain");
    deliver(&Draft::new(&nobody, &world.desk, "About your mail", "x").bytes(), "", &world.desk);
    // A whole report (RFC 3464), of a letter that was never ours.
    let word = canary("REPORTED");
    let reporter = person("reports");
    let report = Draft::new(
        &reporter,
        &world.desk,
        "Undelivered Mail Returned to Sender",
        &format!(
            "--b\r\nContent-Type: text/plain\r\n\r\n{word}\r\n--b\r\n\
             Content-Type: message/delivery-status\r\n\r\n\
             Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; x@y.example\r\nAction: failed\r\n\
             Status: 5.1.1\r\n\r\n--b--"
        ),
    )
    .with("MIME-Version", "1.0")
    .with("Content-Type", "multipart/report; report-type=delivery-status; boundary=b");
    world.send(&report);
    world.settle();
    for robot in robots.iter().chain([&nobody, &reporter]) {
        assert!(world.letters(&robot.address).is_empty(), "an answer to {}", robot.address);
    }
    assert!(
        world.letters(&world.bob.address).iter().all(|l| !l.everything().contains(&word)),
        "reports cause no notification"
    );
    let held = world.list(&["held", "list"]);
    assert!(
        held.iter().any(|h| h["from"].to_string().contains(&reporter.address)),
        "an unmatched report is held: {held:?}"
    );
    world.audit_is_clean();
}

/// A responder that bears no mark at all, never quotes and never repeats a subject.
#[test]
fn t25_unmarked_responder_is_bounded() {
    let world = World::new();
    let robot = person("robot");
    let mut answered = 0;
    for round in 0..14 {
        // It writes anew, and it answers every letter that it got since.
        world.send(&Draft::new(
            &robot,
            &world.desk,
            &format!("Your request {round}"),
            &format!("We care, {round}."),
        ));
        let letters = world.letters(&robot.address);
        for letter in &letters[answered..] {
            let echo = Draft::new(
                &robot,
                &letter.reply_to(),
                &format!("Thank you {}", canary("echo")),
                "We received your mail.",
            );
            world.send(&echo);
        }
        answered = letters.len();
    }
    world.settle();
    let sent = world.letters(&robot.address);
    assert!((1..=10).contains(&sent.len()), "{} automatic letters to one address", sent.len());
    assert!(world.tickets_of(&robot).len() >= 14, "above the limit tickets are kept");
    // At most one automatic answer per ticket.
    let mut numbers: Vec<_> = sent.iter().filter_map(|l| l.ticket()).collect();
    let all = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), all, "two automatic letters about one ticket");
    world.audit_is_clean();
}

#[test]
fn t26_breaker_per_domain() {
    let world =
        World::with(Setup { end: "[limits]\nletters_per_domain_hour = 5\n".into(), ..Setup::default() })
            .started();
    let domain = person("x").address.split_once('@').expect("@").1.to_owned();
    let rotating: Vec<Person> =
        (0..12).map(|i| Person { name: format!("R{i}"), address: format!("robot{i}@{domain}") }).collect();
    let quiet = world.json(&["status"])["parts"].to_string();
    assert!(quiet.contains("no breaker is open") && !quiet.contains(&domain), "{quiet}");
    for who in &rotating {
        world.send(&Draft::new(who, &world.desk, "many of us", "x"));
    }
    world.settle();
    let sent: usize = rotating.iter().map(|p| world.letters(&p.address).len()).sum();
    assert_eq!(sent, 5, "confirmations to one domain");
    assert!(rotating.iter().all(|p| world.tickets_of(p).len() == 1), "all of them are kept");
    // The operator sees which, what was kept back, and that the desk is none the worse.
    let status = world.json(&["status"]);
    assert!(
        status["parts"].to_string().contains(&format!("the breaker of the domain {domain} is open")),
        "{status}"
    );
    let kept_back = serde_json::json!({"what": "kept back", "word": "domain", "count": 7});
    assert!(status["counts"].as_array().is_some_and(|all| all.contains(&kept_back)), "{status}");
    assert_eq!(status["good"], true);
}

#[test]
fn t26_two_desks_back_to_back() {
    let (one, two) = (World::new(), World::new());
    // Each desk is a customer of the other; the first word is ours.
    let as_two = Person { name: "Test Desk".into(), address: two.desk.clone() };
    let word = canary("PINGPONG");
    one.send(&Draft::new(&as_two, &one.desk, &word, "x"));
    until("the confirmation in the other desk", || {
        crate::stage::stage()
            .dovecot
            .mails(&two.desk, "INBOX")
            .iter()
            .any(|m| String::from_utf8_lossy(m).contains("auto-replied"))
            .then_some(())
    });
    for _ in 0..2 {
        one.settle();
        two.settle();
    }
    assert_eq!(one.tickets_of(&as_two).len(), 1);
    let count = |w: &World, other: &World| {
        w.letters(&other.desk)
            .iter()
            .filter(|l| {
                l.address("From") == w.desk && String::from_utf8_lossy(&l.raw).contains("X-Maildesk-Loop")
            })
            .count()
    };
    let crossed = count(&one, &two) + count(&two, &one);
    assert_eq!(crossed, 1, "one confirmation, and no answer to it");
}

#[test]
fn t27_mail_from_ourselves() {
    let world = World::new();
    let ourselves = Person { name: "Test Desk".into(), address: world.desk.clone() };
    let alice = person("alice");
    let opened = world.open(&alice, "A question", "How?");
    world.send(&Draft::new(&ourselves, &world.desk, "from us to us", "x"));
    // A letter of our own that comes back, as by an automatic forward.
    deliver(&opened.confirmation.raw, &world.desk, &world.desk);
    // The desk in Cc of a customer's mail is no participant, and its copy is no second message.
    let copied = person("copied");
    let both = Draft::new(&copied, &world.desk, "to you and to you", "x")
        .with("Cc", &format!("{}, support+x@{}", world.desk, world.domain));
    world.send(&both);
    world.settle();
    let tickets = world.tickets();
    assert!(
        tickets.iter().all(|t| t["requester"]["address"] != world.desk.as_str()),
        "the desk is no requester"
    );
    let of_copied = world.tickets_of(&copied);
    assert_eq!(of_copied.len(), 1);
    assert!(!of_copied[0]["participants"].to_string().contains("support"));
    assert_eq!(world.letters(&copied.address).len(), 1);
    assert_eq!(world.letters(&alice.address).len(), 1, "the loop caused nothing");
    let ours = |l: &Letter| l.field("X-Maildesk-Loop").is_some();
    assert_eq!(
        world.letters(&world.desk).iter().filter(|l| ours(l)).count(),
        1,
        "the one that the test brought"
    );
    // Staff that is the desk itself is refused at start.
    world.edit(|text| text.replace(&world.bob.address, &world.desk));
    let out = world.run(&["ticket", "list"]);
    assert_eq!(out.status.code(), Some(78), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(String::from_utf8_lossy(&out.stderr).contains(&world.desk), "it names the address");
}

#[test]
fn t31_vacation_reopens_nothing() {
    let world = World::new();
    let alice = person("alice");
    let opened = world.open(&alice, "A question", "How?");
    let (end, away) = (canary("END"), canary("AWAY"));
    world.send(&Draft::answer(&world.bob, &opened.notice, &format!("#close\n{end}")));
    let answer = world.letter(&alice, "the closing answer", |l| l.text().contains(&end));
    until("the ticket to be closed", || (world.status_of(opened.number) == "closed").then_some(()));
    world.send(&Draft::answer(&alice, &answer, &away).with("Auto-Submitted", "auto-replied (vacation)"));
    world.settle();
    assert_eq!(world.status_of(opened.number), "closed");
    for who in [&world.bob, &world.eve] {
        assert!(
            world.letters(&who.address).iter().all(|l| !l.everything().contains(&away)),
            "no notification of a vacation"
        );
    }
    assert!(world.words(opened.number, "customer").contains(&away), "it is kept, with its words");
    assert_eq!(world.letters(&alice.address).len(), 2, "and never answered");
}

#[test]
fn t31_notices_are_coalesced() {
    let world = World::new();
    let alice = person("alice");
    let opened = world.open(&alice, "A question", "How?");
    for i in 0..12 {
        world.send(&Draft::answer(&alice, &opened.confirmation, &format!("and another thing, {i}")));
    }
    world.settle();
    let mine = |l: &Letter| l.ticket() == Some(opened.number) && automatic(l);
    let notices = world.letters(&world.bob.address).iter().filter(|l| mine(l)).count();
    assert_eq!(notices, 5, "notices of one ticket to one person; the rest come as one");
    assert!(world.words(opened.number, "customer").contains("thing, 11"), "every message is kept");
}
