//! The main way, walked against real Dovecot and Postfix over TLS: a customer's mail, the desk, the staff,
//! and back.

use crate::letters::{Draft, Person, canary, person};
use crate::mailer::submit;
use crate::stage::{stage, until};
use crate::world::{Setup, World};

/// The stage itself: a mail that a client submits over STARTTLS with AUTH lies in the right Maildir.
#[test]
fn harness_delivers() {
    let (from, to) = (person("writer"), person("reader"));
    let word = canary("HARNESS");
    submit(&Draft::new(&from, &to.address, "a test of the stage", &word).bytes(), &from.address, &to.address);
    until("a submitted mail in the Maildir", || {
        let mails = stage().dovecot.mails(&to.address, "INBOX");
        mails.iter().any(|raw| String::from_utf8_lossy(raw).contains(&word)).then_some(())
    });
    // A recipient that the relay accepts and cannot serve comes back as a report to the sender.
    let gone = Person { name: "Gone".into(), address: "bounces@customer.example".into() };
    submit(&Draft::new(&from, &gone.address, "it will come back", "x").bytes(), &from.address, &gone.address);
    until("a delivery report in the sender's Maildir", || {
        let mails = stage().dovecot.mails(&from.address, "INBOX");
        mails.iter().any(|raw| String::from_utf8_lossy(raw).contains("this mailbox was closed")).then_some(())
    });
}

#[test]
fn the_whole_way() {
    let world = World::new();
    let alice = person("alice");
    let (question, answer, thanks) = (canary("QUESTION"), canary("ANSWER"), canary("THANKS"));
    // The customer's own client submits the mail; the desk hears of it by IDLE.
    let mail = Draft::new(&alice, &world.desk, "Printer is on fire", &question);
    submit(&mail.bytes(), &alice.address, &world.desk);
    let confirmation = world.letter(&alice, "the confirmation", |l| l.ticket().is_some());
    let number = confirmation.ticket().expect("a number");
    assert_eq!(confirmation.subject(), format!("We have received your message [DESK-{number}]"));
    assert!(confirmation.text().contains(&format!("{}/login/", world.url())), "a link to the ticket");
    let notice = world.letter(&world.bob, "the notification", |l| l.ticket() == Some(number));
    assert!(notice.text().contains(&question), "the customer's words");
    // Bob answers from his own mail client.
    let reply = Draft::answer(&world.bob, &notice, &answer);
    submit(&reply.bytes(), &world.bob.address, &notice.reply_to());
    let relayed = world.letter(&alice, "the answer", |l| l.text().contains(&answer));
    assert_eq!(relayed.address("From"), world.desk);
    assert!(relayed.field("From").expect("From").contains("Bob Builder"));
    assert_eq!(relayed.subject(), format!("Re: Printer is on fire [DESK-{number}]"));
    assert!(!relayed.everything().contains(&world.bob.address), "the address of staff stays inside");
    assert_eq!(relayed.field("Auto-Submitted"), None);
    until("the status to be waiting", || (world.status_of(number) == "waiting").then_some(()));
    // And the customer goes on.
    submit(&Draft::answer(&alice, &relayed, &thanks).bytes(), &alice.address, &relayed.reply_to());
    world.letter(&world.bob, "the further notification", |l| l.text().contains(&thanks));
    assert_eq!(world.status_of(number), "open");
    world.settle();
    assert_eq!(world.letters(&alice.address).len(), 2, "a confirmation and an answer, nothing else");
    assert_eq!(world.tickets_of(&alice).len(), 1);
    world.audit_is_clean();
}

#[test]
fn confirm() {
    let world = World::new();
    let alice = person("alice");
    let opened = world.open(&alice, "A question", "How?");
    let letter = &opened.confirmation;
    assert_eq!(letter.field("Auto-Submitted").as_deref(), Some("auto-replied"));
    assert_eq!(letter.field("Precedence").as_deref(), Some("auto_reply"));
    assert!(letter.address("Return-Path").starts_with("support+b"), "{:?}", letter.field("Return-Path"));
    assert!(letter.reply_to().starts_with("support+"));
    world.letter(&world.eve, "the notification to the second staff member", |l| {
        l.ticket() == Some(opened.number)
    });
    world.settle();
    assert_eq!(world.letters(&alice.address).len(), 1);
    assert_eq!(world.status_of(opened.number), "new");
}

#[test]
fn note_stays_inside() {
    let world = World::new();
    let alice = person("alice");
    let opened = world.open(&alice, "A question", "How?");
    let word = canary("INTERNAL");
    world.send(&Draft::answer(&world.bob, &opened.notice, &format!("#note\n{word}")));
    world.letter(&world.eve, "the note", |l| l.text().contains(&word));
    assert!(world.words(opened.number, "note").contains(&word));
    world.settle();
    assert!(world.letters(&alice.address).iter().all(|l| !l.everything().contains(&word)));
    assert_eq!(world.status_of(opened.number), "new", "a note changes nothing");
}

#[test]
fn refused_command_sends_nothing() {
    let world = World::new();
    let alice = person("alice");
    let opened = world.open(&alice, "A question", "How?");
    let word = canary("UNSENT");
    let mail = Draft::answer(&world.bob, &opened.notice, &format!("#close\n#explode\n\n{word}"));
    world.send(&mail);
    let result = world.letter(&world.bob, "the result letter", |l| l.text().contains(&word));
    assert_eq!(result.field("Auto-Submitted").as_deref(), Some("auto-replied"));
    assert!(result.text().contains("#explode"), "it names the command: {}", result.text());
    world.settle();
    assert_eq!(world.letters(&alice.address).len(), 1, "the confirmation alone");
    assert_eq!(world.status_of(opened.number), "new", "none of its commands acted");
    // Corrected, it goes out.
    world.send(&Draft::answer(&world.bob, &opened.notice, &format!("#close\n\n{word}")));
    world.letter(&alice, "the corrected answer", |l| l.text().contains(&word));
    until("the ticket to be closed", || (world.status_of(opened.number) == "closed").then_some(()));
}

#[test]
fn close_and_reopen() {
    let world = World::new();
    let alice = person("alice");
    let opened = world.open(&alice, "A question", "How?");
    let (end, again) = (canary("END"), canary("AGAIN"));
    world.send(&Draft::answer(&world.bob, &opened.notice, &format!("#close\n{end}")));
    let answer = world.letter(&alice, "the closing answer", |l| l.text().contains(&end));
    assert!(!answer.text().contains("#close"));
    until("the ticket to be closed", || (world.status_of(opened.number) == "closed").then_some(()));
    world.send(&Draft::answer(&alice, &answer, &again));
    let notice = world.letter(&world.bob, "the notification", |l| l.text().contains(&again));
    assert_eq!(world.status_of(opened.number), "open");
    assert_eq!(notice.ticket(), Some(opened.number));
    world.send(&Draft::answer(&world.bob, &notice, "#close"));
    until("the ticket to be closed again", || (world.status_of(opened.number) == "closed").then_some(()));
    // Bob answered first, so the ticket is his: what follows does not reach Eve, who still has the first
    // notice.
    let eves = world.letter(&world.eve, "her notice", |l| l.ticket() == Some(opened.number));
    world.send(&Draft::answer(&world.eve, &eves, "#reopen"));
    until("the ticket to be open by command", || (world.status_of(opened.number) == "open").then_some(()));
    assert!(world.letters(&world.eve.address).iter().all(|l| !l.text().contains(&again)));
    world.settle();
    assert_eq!(world.letters(&alice.address).len(), 2, "a close without words sends nothing");
}

/// A transcript, its undo as an answer to it, and a saved answer, from a mail client.
#[test]
fn staff_take_back_what_they_ordered() {
    let mut world = World::with(Setup::default());
    let folder = world.dir.join("answers");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("hours.md"), "# Hours\n\nWe are here **Mon-Fri**.\n").expect("an answer");
    world.edit(|text| text.replace("categories =", "answers = \"answers\"\ncategories ="));
    world.start();
    let alice = person("alice");
    let opened = world.open(&alice, "A question", "When?");
    world.send(&Draft::answer(&world.bob, &opened.notice, "#priority high\n#tag +hot"));
    let result = world.letter(&world.bob, "the transcript", |l| l.subject().starts_with("Result: #priority"));
    assert!(
        result.text().contains("#priority high\n  priority: high (was normal)\n#tag +hot\n  tag hot on"),
        "{}",
        result.text()
    );
    assert_eq!(world.ticket(opened.number)["priority"], "high");
    world.send(&Draft::answer(&world.bob, &result, "#undo"));
    let undone =
        world.letter(&world.bob, "what was taken back", |l| l.subject().starts_with("Result: #undo"));
    assert!(undone.text().contains("priority: normal again (was high)"), "{}", undone.text());
    let ticket = world.ticket(opened.number);
    assert_eq!((&ticket["priority"], ticket["tags"].as_array().map(Vec::len)), (&"normal".into(), Some(0)));
    let word = canary("SIGNED");
    world.send(&Draft::answer(&world.bob, &opened.notice, &format!("#answer hours\n\n{word}")));
    let answer = world.letter(&alice, "the saved answer", |l| l.text().contains(&word));
    assert!(
        answer.text().starts_with(&format!("Hours\n\nWe are here Mon-Fri.\n\n{word}")),
        "{}",
        answer.text()
    );
    // The same from the command line, in the desk's own name.
    let number = opened.number.to_string();
    assert!(world.run(&["ticket", "set", &number, "--priority", "urgent"]).status.success());
    assert!(world.run(&["ticket", "undo", &number]).status.success());
    assert_eq!(world.ticket(opened.number)["priority"], "normal");
    assert_eq!(world.run(&["ticket", "undo", &number]).status.code(), Some(65), "there is nothing more");
    world.settle();
    assert_eq!(world.letters(&alice.address).len(), 2, "nobody outside hears of commands");
}
