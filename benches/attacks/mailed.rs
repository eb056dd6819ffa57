//! Attacks by mail.

use crate::Field;
use crate::common::mails::{Dice, attachment};
use crate::letters::{Draft, Person, canary, person};
use crate::mailer::deliver;
use crate::signer::Signer;
use crate::stage::until;
use std::thread;
use std::time::{Duration, Instant};

/// A mail with a file of so many octets.
pub fn with_file(who: &Person, desk: &str, bytes: usize) -> Draft {
    let mut draft = Draft::new(who, desk, "A scan", "");
    let file = attachment(&mut Dice::new(7), bytes, "scan.pdf");
    draft.text = format!("--b\nContent-Type: text/plain\n\nIt is attached.\n--b\n{file}--b--\n");
    draft.with("MIME-Version", "1.0").with("Content-Type", "multipart/mixed; boundary=b")
}

/// Waits until so many letters to staff left, beside whatever else leaves.
fn outbox_is_empty(field: &Field) {
    let waits = |row: &serde_json::Value| matches!(row["state"].as_str(), Some("queued" | "claimed"));
    let end = Instant::now() + Duration::from_secs(300);
    while field.world.list(&["outbox", "list"]).iter().any(waits) {
        assert!(Instant::now() < end, "the outbox is not empty after 300 s");
        thread::sleep(Duration::from_millis(500));
    }
}

/// One mail with a file, which comes with the notice to each of staff.
pub fn relayed(field: &Field) {
    field.world.send(&with_file(&person("relayed"), &field.world.desk, field.file_bytes));
    thread::sleep(Duration::from_secs(1));
    outbox_is_empty(field);
}

/// Several mails near the limit at once. The relay takes 25 MiB, as most do, so the notices leave without.
pub fn large(field: &Field) {
    let sink = field.world.sink.as_ref().expect("a sink");
    sink.script(|line, _| {
        line.starts_with("EHLO").then(|| "250-sink.example\r\n250 SIZE 26214400".to_owned())
    });
    let people: Vec<Person> = (0..4).map(|_| person("large")).collect();
    let began = Instant::now();
    thread::scope(|all| {
        for who in &people {
            let draft = with_file(who, &field.world.desk, field.large_bytes);
            all.spawn(move || field.world.send(&draft));
        }
    });
    for who in &people {
        assert!(field.confirmed(who, began).is_some(), "a large mail was never confirmed");
    }
    outbox_is_empty(field);
    sink.script(|_, _| None);
}

/// The relay is away while mails with files come; then it is back.
pub fn outage(field: &Field) {
    let sink = field.world.sink.as_ref().expect("a sink");
    field.without_customers(|| {
        sink.script(|line, _| {
            (line == "CONNECT" || line.starts_with("MAIL")).then(|| "421 4.3.2 closed\0".to_owned())
        });
        let people: Vec<Person> = (0..10).map(|_| person("outage")).collect();
        for who in &people {
            field.world.send(&with_file(who, &field.world.desk, field.file_bytes / 5));
        }
        until("the mails of the outage", || {
            let rows = field.world.list(&["outbox", "list"]);
            people.iter().all(|p| rows.iter().any(|r| r["to"] == p.address.as_str())).then_some(())
        });
        sink.script(|_, _| None);
        assert_eq!(field.world.run(&["outbox", "retry"]).status.code(), Some(0));
    });
    outbox_is_empty(field);
}

/// Pieces that a careless reader looks at again and again: in fields, in quotations, in HTML.
pub fn quadratic(field: &Field) {
    let desk = &field.world.desk;
    let who = person("square");
    let (long, lines) = (240_000, 20_000);
    let mut drafts = vec![
        Draft::new(&who, desk, &"(fwd)".repeat(long / 5), "x"),
        Draft::new(&who, desk, "x", "x").with(
            "Authentication-Results",
            &format!("mx.near.example; dkim=pass {}", "a=b (".repeat(long / 5)),
        ),
        Draft::new(&who, desk, "x", "x").with("References", &"<a@b> ".repeat(long / 6)),
        Draft::new(&who, desk, "x", "x").with("DKIM-Signature", &"v=1; ".repeat(long / 5)),
        Draft::new(&who, desk, "x", &(0..lines).map(|n| format!("> line {n} of it\n")).collect::<String>()),
        Draft::new(&who, desk, "x", &(0..lines).map(|n| format!("#cc a{n}@b.example\n")).collect::<String>()),
        Draft::new(&who, desk, "x", &"http://((((".repeat(long / 10)),
    ];
    for piece in ["<div>", "<b><i>", "<blockquote>", "<table><td>"] {
        drafts.push(
            Draft::new(&who, desk, "x", &piece.repeat(long / piece.len())).with("Content-Type", "text/html"),
        );
    }
    // The lines of fields are folded, as a server hands them on.
    for draft in &mut drafts {
        for (_, value) in &mut draft.fields {
            *value = folded(value);
        }
        draft.subject = folded(&draft.subject);
        field.world.send(draft);
    }
    let last = person("behind");
    let began = Instant::now();
    field.world.send(&Draft::new(&last, desk, "behind them", "x"));
    assert!(field.confirmed(&last, began).is_some(), "nothing was taken in behind them");
}

fn folded(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + value.len() / 400);
    for (n, c) in value.chars().enumerate() {
        if n % 900 == 899 {
            out.push_str("\r\n ");
        }
        out.push(c);
    }
    out
}

/// Searches for what stands in nearly every mail, and for what stands in none.
pub fn searches(field: &Field) {
    let world = &field.world;
    let signer = Signer::new(&world.domain);
    let end = Instant::now() + field.lasts;
    while Instant::now() < end {
        for words in ["search ar", "search ar be con da", "search be*", "search nothingatall"] {
            let subject = format!("{words} {}", canary("s").to_lowercase());
            for subject in [words, &subject] {
                let draft = Draft::new(&world.bob, &world.desk, subject, "x");
                deliver(&signer.sign(&draft.bytes()), &world.bob.address, &world.desk);
            }
            assert!(world.run(&["ticket", "search", &words["search ".len()..]]).status.code().is_some());
        }
        thread::sleep(Duration::from_millis(200));
    }
}
