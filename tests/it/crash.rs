//! HOUSE.md section 7, line by line: the daemon ends by itself just at a commit point (builds with debug
//! assertions read the name of the point from MAILDESK_STOP_AT and abort there, once), starts again, and the
//! world must have seen what the table says.

use crate::letters::{Draft, Person, person};
use crate::stage::until;
use crate::world::{Setup, World};
use std::collections::HashSet;
use std::fs;

/// A desk whose daemon died at `point` while it handled the mail of the person.
fn died_at(point: &str) -> (World, Person) {
    let mut world = World::with(Setup::default());
    world.launch(&[("MAILDESK_STOP_AT", point)]);
    world.ready();
    let alice = person("alice");
    world.send(&Draft::new(&alice, &world.desk, "at a bad moment", "x"));
    assert_eq!(world.ended(), None, "an abort, not an orderly end");
    (world, alice)
}

/// After the restart: one ticket, one confirmation and one notification to each of staff, `most` copies of
/// each at most, all copies alike.
fn whole_after_restart(world: &mut World, alice: &Person, most: usize) {
    world.start();
    world.letter(alice, "the confirmation after the restart", |_| true);
    let number = world.letters(&alice.address)[0].ticket().expect("a token");
    let (bob, eve) = (world.bob.clone(), world.eve.clone());
    for who in [&bob, &eve] {
        world.letter(who, "the notification after the restart", |l| l.ticket() == Some(number));
    }
    world.settle();
    assert_eq!(world.tickets_of(alice).len(), 1, "one ticket");
    for who in [alice, &bob, &eve] {
        let mut letters = world.letters(&who.address);
        letters.retain(|l| l.ticket() == Some(number));
        let ids: HashSet<String> = letters.iter().map(|l| l.id()).collect();
        assert_eq!(ids.len(), 1, "one Message-ID for {}", who.address);
        assert!(letters.len() <= most, "{} copies for {}", letters.len(), who.address);
        let bytes: HashSet<&[u8]> = letters.iter().map(|l| l.sent_bytes()).collect();
        assert_eq!(bytes.len(), 1, "a copy has the same bytes");
    }
    world.audit_is_clean();
}

#[test]
fn before_the_commit_of_take() {
    let (mut world, alice) = died_at("before-take-commit");
    assert!(world.tickets().is_empty(), "nothing was written");
    assert!(world.list(&["outbox", "list"]).is_empty());
    assert!(world.letters(&alice.address).is_empty(), "the world saw nothing");
    whole_after_restart(&mut world, &alice, 1);
}

#[test]
fn after_the_commit_of_take() {
    let (mut world, alice) = died_at("after-take-commit");
    assert_eq!(world.tickets_of(&alice).len(), 1, "the mail is handled");
    assert!(world.letters(&alice.address).is_empty(), "its letters wait");
    assert_eq!(world.list(&["outbox", "list"]).len(), 3, "a confirmation and two notifications are due");
    whole_after_restart(&mut world, &alice, 1);
}

#[test]
fn after_a_claim() {
    let (mut world, alice) = died_at("after-claim");
    assert_eq!(world.tickets_of(&alice).len(), 1);
    whole_after_restart(&mut world, &alice, 1);
}

#[test]
fn after_250_before_the_settle() {
    let (mut world, alice) = died_at("after-250-before-settle");
    // One of the three letters is out and its row does not know it: at worst that one goes again.
    whole_after_restart(&mut world, &alice, 2);
}

#[test]
fn in_a_migration() {
    let mut world = World::with(Setup::default());
    world.launch(&[("MAILDESK_STOP_AT", "in-migration")]);
    assert_eq!(world.ended(), None, "an abort, not an orderly end");
    world.start();
    let opened = world.open(&person("alice"), "after a broken migration", "x");
    assert_eq!(world.status_of(opened.number), "new");
    world.audit_is_clean();
}

/// A replay that dies goes on where it was; it changes no ticket and sends nothing.
#[test]
fn in_a_replay() {
    let world = World::with(Setup::default());
    let writers = 60;
    for n in 0..writers {
        world.pipe(&Draft::new(&person(&format!("writer{n}")), &world.desk, "one of many", "Some words."));
    }
    let (tickets, letters) = (world.tickets(), world.list(&["outbox", "list"]));
    assert_eq!(tickets.len(), writers);
    let died = world
        .program()
        .arg("replay")
        .env("MAILDESK_STOP_AT", "in-replay")
        .output()
        .expect("the program starts");
    assert_eq!(died.status.code(), None, "an abort after the first batch");
    let done = world.json(&["replay"]);
    assert_eq!([&done["messages"], &done["resumed_at"], &done["changed"]], [60, 50, 0], "{done}");
    assert_eq!(world.json(&["replay"])["resumed_at"], 0, "the next one begins anew");
    assert_eq!(world.tickets(), tickets, "no ticket is other than it was");
    assert_eq!(world.list(&["outbox", "list"]), letters);
}

/// The daemon ends `how` at a mail, until the mail is held unread; the mail behind it is handled.
fn outlives(poison: &[&str], how: Option<i32>) {
    let mut world = World::with(Setup::default());
    world.start();
    assert_eq!(world.stop(), Some(0));
    let (mallory, alice) = (person("mallory"), person("alice"));
    let arm = [("MAILDESK_POISON", "1")];
    world.launch(&arm);
    world.ready();
    let poisoned = Draft::new(&mallory, &world.desk, "a poisoned mail", "x");
    world.send(&poison.iter().fold(poisoned, |mail, poison| mail.with("X-Poison", poison)));
    for start in 0..3 {
        assert_eq!(world.ended(), how, "start {start}");
        if start == 0 {
            world.send(&Draft::new(&alice, &world.desk, "the mail behind it", "x"));
        }
        world.launch(&arm);
    }
    world.ready();
    world.letter(&alice, "the confirmation of the mail behind it", |_| true);
    let held = world.list(&["held", "list"]);
    assert_eq!(held.len(), 1, "{held:?}");
    let shown = world.json(&["held", "show", &held[0]["id"].to_string()]);
    assert!(shown["raw"].as_str().expect("the mail").contains("X-Poison"), "with its bytes");
    assert!(world.tickets_of(&mallory).is_empty());
    world.audit_is_clean();
}

#[test]
fn t34_a_mail_that_kills_the_daemon_is_held_and_the_next_one_handled() {
    outlives(&["abort"], None);
}

/// What ends the program while it decides and writes a mail counts against that mail, too.
#[test]
fn t34_a_mail_that_kills_the_daemon_while_it_is_taken_is_held() {
    outlives(&["take-abort"], None);
}

#[test]
fn t34_a_mail_that_hangs_the_daemon_while_it_is_taken_is_held() {
    outlives(&["take-hang"], Some(70));
}

/// T34: reading and taking have one budget together: each alone is within it.
#[test]
fn t34_all_work_at_a_mail_has_one_budget() {
    outlives(&["slow", "take-slow"], Some(70));
}

#[test]
fn t34_a_mail_that_hangs_the_daemon_is_held_and_the_next_one_handled() {
    outlives(&["hang"], Some(70));
}

/// A panic that only ends a look counts against its mail like an end of the program. It repeated for ever,
/// and no mail beside it was ever taken in.
#[test]
fn t34_a_mail_on_which_the_desk_panics_is_held_and_its_neighbours_handled() {
    let mut world = World::with(Setup::default());
    let folder = world.dir.join("maildir");
    for part in ["new", "cur", "tmp"] {
        fs::create_dir_all(folder.join(part)).expect("a Maildir");
    }
    world.edit(|old| {
        let more = format!("[[mailbox]]\nname = \"box\"\nmaildir = \"{}\"\n", folder.display());
        format!("{old}\n{more}poll_seconds = 1\n")
    });
    world.launch(&[("MAILDESK_POISON", "1")]);
    world.ready();
    let deliver = |name: &str, draft: &Draft| {
        fs::write(folder.join("tmp").join(name), draft.bytes()).expect("a mail");
        fs::rename(folder.join("tmp").join(name), folder.join("new").join(name)).expect("delivered");
    };
    let (mallory, alice) = (person("mallory"), person("alice"));
    for (n, poison) in ["panic", "claim-panic", "open-panic"].into_iter().enumerate() {
        let mail = Draft::new(&mallory, &world.desk, poison, "x").with("X-Poison", poison);
        deliver(&format!("{n}.bad"), &mail);
    }
    deliver("9.good", &Draft::new(&alice, &world.desk, "the mail beside them", "x"));
    world.letter(&alice, "the confirmation of the mail beside them", |_| true);
    assert_eq!(world.list(&["held", "list"]).len(), 3, "each is held");
    assert!(world.tickets_of(&mallory).is_empty());
    until("health to be good again", || (world.get("/healthz").0 == 200).then_some(()));
}
