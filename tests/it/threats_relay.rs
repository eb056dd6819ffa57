//! THREATS.md, what relays do (T112 to T114): oddities, refusals of their own, closed connections, and what
//! becomes of a letter that may have left.

use crate::letters::{Draft, Person, canary, person};
use crate::sink::Sink;
use crate::stage::until;
use crate::world::{PROGRAM, Setup, World};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

fn sink(world: &World) -> &Sink {
    world.sink.as_ref().expect("a sink")
}

/// A mail with a file of so many octets.
fn with_file(who: &Person, world: &World, word: &str, octets: usize) -> Draft {
    let file = data_encoding::BASE64_MIME.encode(&vec![7; octets]);
    let text = format!(
        "--b\r\nContent-Type: text/plain\r\n\r\n{word}\r\n--b\r\nContent-Type: application/pdf\r\n\
         Content-Disposition: attachment; filename=plan.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         {file}\r\n--b--\r\n"
    );
    Draft::new(who, &world.desk, "with a plan", &text).with("Content-Type", "multipart/mixed; boundary=b")
}

/// Everybody got their letter about this mail, once each.
fn each_hears_once(world: &World, who: &Person, word: &str) {
    world.letter(who, "the confirmation", |_| true);
    for staff in [world.bob.clone(), world.eve.clone()] {
        world.letter(&staff, "the notice", |l| l.text().contains(word));
    }
    until("an empty outbox", || world.list(&["outbox", "list"]).is_empty().then_some(()));
    for address in [&who.address, &world.bob.address, &world.eve.address] {
        let letters = world.letters(address);
        let about = letters.iter().filter(|l| *address == who.address || l.text().contains(word)).count();
        assert_eq!(about, 1, "letters to {address}");
    }
}

/// All letters of a mail wait, each with a reason; health is bad.
pub fn all_wait(world: &World) {
    until("three letters that wait with a reason", || {
        let rows = world.list(&["outbox", "list"]);
        let waits = |r: &serde_json::Value| r["state"] != "failed" && !r["reason"].to_string().is_empty();
        (rows.len() == 3 && rows.iter().all(|r| waits(r) && r["reason"] != "")).then_some(())
    });
    until("/healthz to tell it", || (world.get("/healthz").0 == 503).then_some(()));
}

#[test]
fn t112_a_blank_line_of_ehlo_ends_nothing() {
    let world = World::with_sink();
    sink(&world).script(|line, _| {
        line.starts_with("EHLO").then(|| "250-sink.example\r\n250-   \r\n250-\r\n250 SIZE 9000000".to_owned())
    });
    let (alice, word) = (person("alice"), canary("BLANK"));
    world.send(&Draft::new(&alice, &world.desk, "a question", &word));
    each_hears_once(&world, &alice, &word);
    assert_eq!(world.get("/healthz").0, 200);
}

/// Each refusal for all letters, then an end of it: nobody's letter is given up, and nobody orders a retry.
#[test]
fn t113_whatever_the_relay_refuses_to_everybody_is_its_own_fault() {
    let world = World::with_sink();
    let cases: [(&str, &str); 9] = [
        ("CONNECT", "554 no service here"),
        ("EHLO", "421 4.3.2 shutting down\0"),
        ("MAIL", "550 5.1.8 sender refused"),
        ("MAIL", "451 4.3.0 try again later"),
        ("RCPT", "554 no"),
        ("RCPT", "550 relaying denied"),
        ("RCPT", "550 5.1.1 no such person"),
        ("DATA", "554 5.7.1 not from you"),
        ("RCPT", ""),
    ];
    for (command, answer) in cases {
        sink(&world).script(move |line, _| {
            // An open connection ends first.
            let ends = matches!(command, "CONNECT" | "EHLO") && line.starts_with("MAIL");
            if ends { Some(String::new()) } else { line.starts_with(command).then(|| answer.to_owned()) }
        });
        let (alice, word) = (person("alice"), canary("REFUSED"));
        world.send(&Draft::new(&alice, &world.desk, "a question", &word));
        all_wait(&world);
        sink(&world).script(|_, _| None);
        each_hears_once(&world, &alice, &word);
        until("/healthz to be good again", || (world.get("/healthz").0 == 200).then_some(()));
    }
}

/// Three addresses that are gone look like a relay that refuses everybody, until it takes somebody's letter.
#[test]
fn t113_addresses_that_are_gone_are_told_in_the_end() {
    let world = World::with_sink();
    let gone = [person("gone"), person("moved"), person("closed")];
    sink(&world).script(|line, _| line.starts_with("RCPT").then(|| "550 5.1.1 no such person".to_owned()));
    for who in &gone {
        world.send(&Draft::new(who, &world.desk, "a question", "x"));
    }
    until("/healthz to tell it", || (world.get("/healthz").0 == 503).then_some(()));
    until("all letters", || (world.list(&["outbox", "list"]).len() == 9).then_some(()));
    sink(&world).script(|line, _| {
        let refused = line.starts_with("RCPT") && line.contains("@customer");
        refused.then(|| "550 5.1.1 no such person".to_owned())
    });
    until("three letters that failed, and nothing that waits", || {
        let rows = world.list(&["outbox", "list"]);
        (rows.len() == 3 && rows.iter().all(|r| r["state"] == "failed")).then_some(())
    });
    until("/healthz to be good again", || (world.get("/healthz").0 == 200).then_some(()));
}

/// The same after the bytes: nothing is sent twice that was taken.
#[test]
fn t113_a_refusal_of_all_bytes_makes_them_wait() {
    let world = World::with_sink();
    sink(&world).rule(|_, _, _| "554 5.7.1 rejected".to_owned());
    let (alice, word) = (person("alice"), canary("BYTES"));
    world.send(&Draft::new(&alice, &world.desk, "a question", &word));
    all_wait(&world);
    sink(&world).rule(|_, _, _| "250 2.0.0 taken".to_owned());
    each_hears_once(&world, &alice, &word);
}

#[test]
fn t113_a_closed_connection_costs_nothing() {
    let world = World::with_sink();
    // One mail a connection; then 421 to the second one; then a connection that is gone without a word.
    sink(&world).rule(|_, _, _| "250 2.0.0 taken\0".to_owned());
    let (one, word) = (person("one"), canary("ONE"));
    world.send(&Draft::new(&one, &world.desk, "a question", &word));
    each_hears_once(&world, &one, &word);
    sink(&world).rule(|_, _, _| "250 2.0.0 taken".to_owned());
    for answer in ["421 4.7.0 too many mails in this session\0", ""] {
        let last = Arc::new(AtomicUsize::new(0));
        sink(&world).script(move |line, connection| {
            let again = line.starts_with("MAIL") && last.swap(connection, Ordering::Relaxed) == connection;
            again.then(|| answer.to_owned())
        });
        let (two, word) = (person("two"), canary("TWO"));
        world.send(&Draft::new(&two, &world.desk, "a question", &word));
        each_hears_once(&world, &two, &word);
    }
    let parts = world.get("/healthz");
    assert_eq!(parts.0, 200, "{}", parts.1);
    let log = std::fs::read_to_string(world.dir.join("log")).expect("the log");
    assert!(!log.contains("letter put back") && !log.contains("letter deferred"), "nothing was counted");
}

#[test]
fn t113_a_notice_leaves_again_without_what_the_relay_does_not_take() {
    let world = World::with_sink();
    let alone = |word: &str, alice: &Person| {
        let notice = world.letter(&world.bob, "the notice", |l| l.text().contains(word));
        let text = notice.text();
        let link = format!("{}/tickets/{}", world.url(), notice.ticket().expect("a token"));
        assert!(text.contains("plan.pdf") && text.contains(&link), "{text}");
        assert!(!String::from_utf8_lossy(&notice.raw).contains("application/pdf"), "without the file");
        each_hears_once(&world, alice, word);
    };
    // By SIZE, before anything is sent.
    sink(&world)
        .script(|line, _| line.starts_with("EHLO").then(|| "250-sink.example\r\n250 SIZE 100000".to_owned()));
    let (alice, word) = (person("alice"), canary("SIZE"));
    world.send(&with_file(&alice, &world, &word, 150_000));
    alone(&word, &alice);
    assert!(sink(&world).caught().iter().all(|c| c.letter.raw.len() < 100_000), "SIZE is heeded");
    // By a refusal of the size, then of the kind of file.
    sink(&world).script(|_, _| None);
    for answer in ["552 5.3.4 message too big", "552 5.7.0 this kind of file is blocked", "554 no such files"]
    {
        sink(&world).rule(move |_, raw, _| {
            let has_file = String::from_utf8_lossy(raw).contains("application/pdf");
            if has_file { answer.to_owned() } else { "250 2.0.0 taken".to_owned() }
        });
        let (alice, word) = (person("alice"), canary("KIND"));
        world.send(&with_file(&alice, &world, &word, 20_000));
        alone(&word, &alice);
    }
    assert_eq!(world.get("/healthz").0, 200);
}

#[test]
fn t113_a_slow_letter_and_a_greylisted_one_hold_nobody() {
    let world = World::with_sink();
    let (slow, fast) = (person("slow"), person("fast"));
    let goes_on = Arc::new(AtomicBool::new(false));
    let (wait, to) = (goes_on.clone(), slow.address.clone());
    // Other connections are answered meanwhile.
    sink(&world).script(move |line, _| {
        (line.starts_with("RCPT") && line.contains(&to) && !wait.load(Ordering::Relaxed))
            .then(|| "WAIT".to_owned())
    });
    world.send(&Draft::new(&slow, &world.desk, "a question", "slow"));
    until("the slow letter at the relay", || {
        sink(&world).commands().iter().any(|c| c.contains(&slow.address)).then_some(())
    });
    world.send(&Draft::new(&fast, &world.desk, "a question", "fast"));
    world.letter(&fast, "the confirmation beside a slow one", |_| true);
    goes_on.store(true, Ordering::Relaxed);
    world.letter(&slow, "the confirmation in the end", |_| true);
    // A recipient who is greylisted is nobody's fault.
    let grey = person("grey");
    let to = grey.address.clone();
    sink(&world).script(move |line, _| {
        (line.starts_with("RCPT") && line.contains(&to)).then(|| "451 4.7.1 greylisted".to_owned())
    });
    world.send(&Draft::new(&grey, &world.desk, "a question", "grey"));
    until("the letter that waits", || {
        world.outbox_of(&grey.address).iter().any(|r| r["state"] == "deferred").then_some(())
    });
    world.open(&person("other"), "another question", "x");
    assert_eq!(world.get("/healthz").0, 200);
}

/// A notice to staff that is given up is told: status, health, the log.
#[test]
fn t113_a_notice_that_is_given_up_is_told() {
    let world = World::with_sink();
    let to = world.eve.address.clone();
    sink(&world).script(move |line, _| {
        (line.starts_with("RCPT") && line.contains(&to)).then(|| "550 5.1.1 no such person".to_owned())
    });
    let alice = person("alice");
    world.send(&Draft::new(&alice, &world.desk, "a question", "x"));
    world.letter(&alice, "the confirmation", |_| true);
    let eve = world.eve.address.clone();
    until("the failed notice", || world.outbox_of(&eve).iter().any(|r| r["state"] == "failed").then_some(()));
    until("/healthz to tell it", || {
        let (code, text) = world.get("/healthz");
        (code == 503 && text.contains("failed letters") && text.contains("a few")).then_some(())
    });
    let status = world.run(&["status"]);
    let said = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(status.status.code() == Some(1) && said.contains("1 to staff"), "{said}");
    until("the alarm", || {
        let log = std::fs::read_to_string(world.dir.join("log")).expect("the log");
        log.contains("letters to staff could not be delivered").then_some(())
    });
    let id = world.outbox_of(&eve)[0]["id"].to_string();
    assert_eq!(world.run(&["outbox", "cancel", &id, "--yes"]).status.code(), Some(0));
    until("/healthz to be good again", || (world.get("/healthz").0 == 200).then_some(()));
}

/// Outlook and others give a letter a new id, and name it in their answer.
#[test]
fn t113_an_id_that_the_relay_names_is_known() {
    let world = World::with_sink();
    sink(&world).rule(|to, _, _| {
        let local = to.split(['@', '.', '+']).next().unwrap_or_default();
        format!("250 2.0.0 OK <DB9PR08MB1{local}@eurprd08.prod.outlook.example> [Hostname=x]")
    });
    let alice = person("alice");
    let opened = world.open(&alice, "renamed", "Hello?");
    let local = alice.address.split(['@', '.', '+']).next().unwrap_or_default().to_owned();
    let id = format!("<DB9PR08MB1{local}@eurprd08.prod.outlook.example>");
    let answer = Draft::new(&alice, &world.desk, "no token here", &canary("JOINS")).with("In-Reply-To", &id);
    world.send(&answer);
    until("the answer in its ticket", || {
        world.words(opened.number, "customer").contains("JOINS").then_some(())
    });
}

/// T114: where a 250 cannot be written down, nothing else leaves, so a kill repeats one letter at most. No
/// file may grow beyond a size, which fails as a full disk does.
#[test]
fn t114_a_kill_on_a_full_disk_repeats_one_letter() {
    let sink = Sink::start();
    let mut world =
        World::with(Setup { smtp: Some((sink.port, "none")), sink: Some(sink), ..Setup::default() });
    let script = format!("trap '' XFSZ; exec \"{PROGRAM}\" --config \"{}\" run", world.config.display());
    let daemon = Command::new("bash").args(["-c", &script]).stderr(Stdio::null()).spawn().expect("bash");
    let pid = daemon.id();
    world.daemon = Some(daemon);
    world.ready();
    self::sink(&world).rule(move |_, _, before| {
        let limit = ["--pid", &pid.to_string(), "--fsize=1024:"];
        assert!(before > 0 || Command::new("prlimit").args(limit).status().is_ok_and(|s| s.success()));
        "250 2.0.0 taken".to_owned()
    });
    let alice = person("alice");
    world.send(&Draft::new(&alice, &world.desk, "on a full disk", "x"));
    until("/healthz to tell it", || (world.get("/healthz").0 == 503).then_some(()));
    assert_eq!(self::sink(&world).caught().len(), 1, "nothing else left");
    world.kill();
    self::sink(&world).rule(|_, _, _| "250 2.0.0 taken".to_owned());
    world.start();
    world.settle();
    let token = world.tickets_of(&alice)[0]["token"].as_str().expect("a token").to_owned();
    let all = self::sink(&world).caught();
    let of_alice = all.iter().filter(|c| c.letter.subject().contains(&token)).count();
    assert_eq!(of_alice, 4, "three letters, one of them twice");
}

/// What a relay may answer at random, by the command.
const ODDITIES: [(&str, &[&str]); 5] = [
    ("CONNECT", &["", "554 no", "421 busy\0", "220", "220-a\r\n220 b", "nonsense\0"]),
    (
        "EHLO",
        &["", "250-a\r\n250-   \r\n250 SIZE 900000", "250", "421 later\0", "550 no", "250-a\r\n\r\n250 b"],
    ),
    ("MAIL", &["", "421 too many\0", "451 4.3.0 later", "550 5.1.8 no", "250", "250-x\r\n250 y"]),
    (
        "RCPT",
        &[
            "",
            "450 4.2.0 grey",
            "550 5.1.1 none",
            "554 5.7.1 no",
            "550 gr\u{fc}n",
            "452 4.3.1 full",
            "251 ok",
        ],
    ),
    ("DATA", &["", "451 4.7.1 grey", "554 no", "503 5.5.1 what", "421 bye\0"]),
];
/// The same after the bytes.
const AT_THE_END: [&str; 8] = [
    "",
    "250 2.0.0 ok\0",
    "250",
    "250-a\r\n250 <0123456789abc@relay.example>",
    "451 4.7.1 grey",
    "554 5.6.0 bad",
    "552 5.3.4 large",
    "554 5.7.1 no",
];

/// Done when 4: whatever the relay answers, every letter is in the end sent once, or shown with a reason.
#[test]
fn done_when_4_a_relay_with_random_oddities_loses_and_repeats_nothing() {
    let world = World::with_sink();
    let dice = Arc::new(AtomicUsize::new(0x2545_f491));
    // One answer in three is odd.
    let odd = |dice: &AtomicUsize, most: usize| {
        let step =
            |d: usize| d.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let drawn =
            step(dice.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |d| Some(step(d))).expect("some"));
        (drawn >> 60 < 5).then_some((drawn >> 33) % most)
    };
    let thrown = dice.clone();
    sink(&world).script(move |line, _| {
        let (_, answers) = ODDITIES.iter().find(|(command, _)| line.starts_with(command))?;
        odd(&thrown, answers.len()).map(|n| answers[n].to_owned())
    });
    sink(&world).rule(move |_, _, _| match odd(&dice, AT_THE_END.len()) {
        Some(n) => AT_THE_END[n].to_owned(),
        None => "250 2.0.0 taken".to_owned(),
    });
    let people: Vec<Person> = (0..25).map(|n| person(&format!("odd{n}"))).collect();
    for (n, who) in people.iter().enumerate() {
        let word = format!("word-{n}-");
        match n % 3 {
            0 => world.send(&with_file(who, &world, &word, 5_000)),
            _ => world.send(&Draft::new(who, &world.desk, "odd", &word)),
        }
    }
    until("all mails to be taken in", || (world.tickets().len() == people.len()).then_some(()));
    sink(&world).script(|_, _| None);
    sink(&world).rule(|_, _, _| "250 2.0.0 taken".to_owned());
    let shown = until("every letter to leave, or to wait with a reason", || {
        let rows = world.list(&["outbox", "list"]);
        let rests = |r: &&serde_json::Value| !matches!(r["state"].as_str(), Some("queued" | "claimed"));
        (rows.iter().filter(rests).count() == rows.len()
            && rows.iter().all(|r| r["reason"] != "" && !r["reason"].to_string().contains("4.3.")))
        .then_some(rows)
    });
    let caught = sink(&world).caught();
    for ticket in world.tickets() {
        let token = ticket["token"].as_str().expect("a token");
        let customer = ticket["requester"]["address"].as_str().expect("an address");
        for to in [customer, &world.bob.address, &world.eve.address] {
            let sent = caught.iter().filter(|c| {
                c.accepted && c.to[0] == *to && c.letter.subject().ends_with(&format!("[{token}]"))
            });
            let waits = shown.iter().filter(|r| {
                r["to"] == *to && r["subject"].as_str().is_some_and(|s| s.ends_with(&format!("[{token}]")))
            });
            let (sent, waits) = (sent.count(), waits.count());
            assert_eq!(sent + waits, 1, "{token} to {to}: sent {sent} times, shown {waits} times");
        }
    }
}
