//! What time brings, on the running program under another clock: reminders, a ticket that wakes, the daily
//! digest, and leaving it.

use crate::clock;
use crate::desk::get;
use crate::letters::{Draft, Letter, Person, person};
use crate::sink::Sink;
use crate::stage::until;
use crate::world::{Setup, World};
use std::io::{Read, Write};
use std::net::TcpStream;

fn start_ahead(world: &mut World, ahead: &str) {
    world.launch(&clock::ahead(ahead));
    world.ready();
}

/// The reminders of one ticket: those that later mails of the test bring count for theirs.
fn overdue(world: &World, who: &Person, ticket: i64) -> Vec<Letter> {
    let reminds = |l: &Letter| l.ticket() == Some(ticket) && l.text().contains("overdue");
    world.letters(&who.address).into_iter().filter(reminds).collect()
}

fn digests(world: &World, who: &Person) -> Vec<Letter> {
    world.letters(&who.address).into_iter().filter(|l| l.subject() == "Daily digest").collect()
}

/// Status of a form that a mail client posts, with nothing but the address and the two words of RFC 8058.
fn one_click(port: u16, path: &str) -> u16 {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the pages");
    let body = "List-Unsubscribe=One-Click";
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("posted");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0)
}

#[test]
fn a_day_passes() {
    let sink = Sink::start();
    let targets = "[targets]\nnormal = { answer = \"1h\" }\n".to_owned();
    let mut world = World::with(Setup {
        smtp: Some((sink.port, "none")),
        sink: Some(sink),
        end: targets,
        ..Setup::default()
    })
    .started();
    let (alice, carol) = (person("alice"), person("carol"));
    let late = world.open(&alice, "It is dark", "Please help.").number;
    assert!(
        world.run(&["ticket", "set", &late.to_string(), "--assign", &world.bob.address]).status.success()
    );
    assert!(world.ticket(late)["due_at"].is_string());
    let asleep = world.open(&carol, "Next week", "When?");
    let tomorrow =
        jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC).date().tomorrow().expect("a day");
    world.send(&Draft::answer(
        &world.bob,
        &asleep.notice,
        &format!("#assign me\n#wait {tomorrow}\n\nWe look into it then."),
    ));
    until("the second ticket to wait", || (world.status_of(asleep.number) == "waiting").then_some(()));
    assert!(world.run(&["staff", "set", &world.eve.address, "--digest", "on"]).status.success());
    assert_eq!(overdue(&world, &world.bob, late).len(), 0);

    // An hour later the assignee hears of it, once, also after a kill.
    assert_eq!(world.stop(), Some(0));
    start_ahead(&mut world, "+62m");
    until("the reminder to the assignee", || overdue(&world, &world.bob, late).into_iter().next());
    world.kill();
    start_ahead(&mut world, "+63m");
    world.settle();
    assert_eq!((overdue(&world, &world.bob, late).len(), overdue(&world, &world.eve, late).len()), (1, 0));
    // Half of the time later all staff do.
    assert_eq!(world.stop(), Some(0));
    start_ahead(&mut world, "+100m");
    until("the reminder to all staff", || overdue(&world, &world.eve, late).into_iter().next());
    until("and to the assignee again", || (overdue(&world, &world.bob, late).len() == 2).then_some(()));

    // The day after tomorrow, at noon, far from the hour of the digest: the other ticket is awake, and the
    // digest tells of the overdue one.
    assert_eq!(world.stop(), Some(0));
    let before = digests(&world, &world.eve).len();
    let now = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC);
    let noon =
        tomorrow.tomorrow().expect("a day").at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).expect("noon");
    let later = format!("+{}s", noon.timestamp().as_second() - now.timestamp().as_second());
    start_ahead(&mut world, &later);
    let woken = world.letter(&world.bob, "the notice that it is awake", |l| {
        l.text().contains("the day for which it waited is over")
    });
    // Beside what else is late, one letter tells of all (T18).
    assert!(woken.text().contains(&format!("DESK-{}", asleep.number)), "{}", woken.text());
    assert_eq!(world.status_of(asleep.number), "open");
    let digest = until("the digest", || digests(&world, &world.eve).into_iter().nth(before));
    assert!(
        digest.text().contains("Overdue tickets: ") && digest.text().contains(&format!("(DESK-{late}")),
        "{}",
        digest.text()
    );
    assert_eq!(digest.field("Precedence").as_deref(), Some("bulk"));
    assert_eq!(digest.field("Reply-To"), None);
    until("the digest of those who get single notices", || digests(&world, &world.bob).into_iter().next());

    leaving_the_digest(&mut world, &digest, &later);
    let (_, page) = get(world.web, "/status");
    assert!(page.contains("Overdue tickets") && page.contains("a few"), "{page}");
    let status = world
        .program()
        .args(["status", "--json"])
        .envs(clock::ahead(&later))
        .output()
        .expect("the program starts");
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).expect("JSON");
    let parts = status["parts"].as_array().expect("parts");
    assert!(parts.iter().any(|p| p["part"] == "overdue tickets" && p["detail"] == "a few"), "{parts:?}");
}

/// Looking changes nothing, one click does, and a restart on the same day repeats nothing.
fn leaving_the_digest(world: &mut World, digest: &Letter, later: &str) {
    let leave = digest.field("List-Unsubscribe").expect("a way out");
    let path = leave
        .split(['<', '>'])
        .nth(1)
        .and_then(|u| u.strip_prefix(&world.url()))
        .expect("a page of ours")
        .to_owned();
    let wants = |world: &World| {
        world
            .list(&["staff", "list"])
            .iter()
            .any(|s| s["address"] == world.eve.address.as_str() && s["digest"] == true)
    };
    assert_eq!(get(world.web, &path).0, 200);
    assert!(wants(world));
    assert_eq!(one_click(world.web, &path), 200);
    assert!(!wants(world));
    let told = digests(world, &world.eve).len();
    world.kill();
    start_ahead(world, later);
    until("the state of the outbox", || world.outbox_of(&world.eve.address).is_empty().then_some(()));
    assert_eq!(digests(world, &world.eve).len(), told);
}
