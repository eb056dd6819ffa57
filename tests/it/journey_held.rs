//! Held mail and crossed answers of the running program: the letter, its page, its buttons, and `#send`.

use crate::letters::{Draft, canary, person};
use crate::stage::until;
use crate::world::World;
use std::io::{Read, Write};
use std::net::TcpStream;

/// A form as a browser sends it: status and body.
fn post(world: &World, path: &str, form: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", world.web)).expect("the daemon listens");
    let (port, length) = (world.web, form.len());
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: null\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Length: {length}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n{form}"
    );
    stream.write_all(head.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let status = answer.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
    (status, answer.split_once("\r\n\r\n").map(|(_, b)| b.to_owned()).unwrap_or_default())
}

fn value(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).expect("a hidden value");
    rest.split('"').next().unwrap_or_default().to_owned()
}

#[test]
fn held_mail_acts_by_a_button() {
    let world = World::with_sink();
    let alice = person("alice");
    let opened = world.open(&alice, "Printer", "It burns.");
    let words = canary("UNPROVEN");
    let subject = format!("Re: Printer [DESK-{}]", opened.number);
    world.send(&Draft::new(&world.bob, &world.desk, &subject, &format!("#close\n{words}")));
    let letter = world.letter(&world.bob, "the letter about a held mail", |l| l.subject().contains("held"));
    let link = letter.text().split_whitespace().find(|w| w.contains("/held/")).expect("a link").to_owned();
    let path = link.strip_prefix(&world.url()).expect("our own address").to_owned();
    let (status, page) = world.get(&path);
    assert!(status == 200 && page.contains(&world.bob.address) && page.contains(&subject), "{page}");
    world.settle();
    assert_eq!(
        (world.list(&["held", "list"]).len(), world.status_of(opened.number)),
        (1, "new".to_owned()),
        "looking acts not"
    );
    let status = world.json(&["status"]);
    let counts = status["counts"].as_array().expect("counts");
    assert!(counts.iter().any(|c| c["what"] == "held" && c["count"] == 1), "{status}");
    // T76: outsiders see no numbers.
    assert!(world.get("/status").1.contains("<dt>Mail held until staff look at it</dt><dd>a few</dd>"));
    let form = format!("page={}&mail={}&act=confirm", value(&page, "page"), value(&page, "mail"));
    assert_eq!(post(&world, &path, &form).0, 200);
    world.letter(&alice, "the confirmed answer", |l| l.text().contains(&words));
    until("the ticket to be closed", || (world.status_of(opened.number) == "closed").then_some(()));
    assert_eq!((post(&world, &path, &form).0, world.get(&path).0), (410, 410));
    assert!(world.list(&["held", "list"]).is_empty());
}

#[test]
fn a_crossed_answer_waits_for_its_writer() {
    let world = World::with_sink();
    let alice = person("alice");
    let opened = world.open(&alice, "Printer", "It burns.");
    let eves = world.letter(&world.eve, "her notice", |l| l.ticket() == Some(opened.number));
    let (first, second, other) = (canary("FIRST"), canary("SECOND"), canary("OTHER"));
    world.send(&Draft::answer(&world.eve, &eves, &first));
    world.letter(&alice, "the first answer", |l| l.text().contains(&first));
    world.send(&Draft::answer(&world.bob, &opened.notice, &format!("#tag +fire\n{second}")));
    let back = world.letter(&world.bob, "the returned answer", |l| l.subject().starts_with("Not sent yet"));
    assert_eq!(back.ticket(), Some(opened.number));
    assert_eq!(back.field("Auto-Submitted").as_deref(), Some("auto-replied"));
    assert!(back.text().contains(&first) && back.text().contains(&second), "{}", back.text());
    world.settle();
    let held = world.list(&["held", "list"]);
    assert_eq!((&held[0]["kind"], held.len()), (&"held".into(), 1));
    assert!(held[0]["reason"].as_str().is_some_and(|r| r.contains("a colleague's answer")), "{held:?}");
    assert_eq!(world.letters(&alice.address).len(), 2, "confirmation and first answer");
    assert!(world.ticket(opened.number)["tags"].as_array().is_some_and(Vec::is_empty));
    world.send(&Draft::answer(&world.bob, &back, "#send"));
    world.letter(&alice, "the second answer", |l| l.text().contains(&second));
    until("its command to act", || {
        world.ticket(opened.number)["tags"].to_string().contains("fire").then_some(())
    });
    assert!(world.list(&["held", "list"]).is_empty());
    // What the customer wrote last holds an answer as well; the command line releases it.
    let answer = world.letter(&alice, "the second answer", |l| l.text().contains(&second));
    world.send(&Draft::answer(&alice, &answer, "It is out."));
    // The first answer made the ticket Eve's.
    world.letter(&world.eve, "the notice of it", |l| l.text().contains("It is out."));
    world.send(&Draft::answer(&world.bob, &opened.notice, &other));
    let held = until("the answer to be held", || world.list(&["held", "list"]).into_iter().next());
    let id = held["id"].to_string();
    assert_eq!(world.run(&["held", "release", &id, "--yes"]).status.code(), Some(0));
    world.letter(&alice, "the released answer", |l| l.text().contains(&other));
    world.settle();
    assert_eq!(
        world.letters(&alice.address).iter().filter(|l| l.text().contains(&second)).count(),
        1,
        "each once"
    );
}
