//! T82, T114: a backup on a clean machine, and what a restored one sends.

use crate::letters::{Draft, canary, person};
use crate::stage::until;
use crate::threats_relay::all_wait;
use crate::world::{Setup, World};
use std::fs;

/// The daemon ends, a backup is put in place, and the daemon begins again. Arrival and restore are compared
/// in whole seconds: what came in the same second counts as new.
fn restore(world: &mut World, file: &str) {
    assert_eq!(world.stop(), Some(0));
    let second = || std::time::UNIX_EPOCH.elapsed().map_or(0, |t| t.as_secs());
    let taken = second();
    until("the next second", || (second() > taken).then_some(()));
    assert_eq!(world.run(&["restore", file, "--yes"]).status.code(), Some(0));
    world.start();
}

/// T82: a backup holds neither words nor the key in clear, is whole though mail comes meanwhile, and brings a
/// clean machine back that has the key. What is damaged, or of another key, is refused and changes nothing.
#[test]
fn t82_a_backup_brings_a_clean_machine_back() {
    let world = World::with_sink();
    let (alice, words) = (person("alice"), canary("KEPT"));
    let opened = world.open(&alice, "Printer", &words);
    for n in 0..20 {
        world.send(&Draft::new(&person("crowd"), &world.desk, &format!("meanwhile {n}"), "x"));
    }
    let file = world.dir.join("desk.backup");
    assert_eq!(world.run(&["backup", file.to_str().expect("a path")]).status.code(), Some(0));
    let key = fs::read(world.dir.join("data/desk.key")).expect("the key");
    let bytes = fs::read(&file).expect("the backup");
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|w| w == part);
    assert!(!holds(words.as_bytes()) && !holds(alice.address.as_bytes()), "words in clear");
    assert!(!holds(key.trim_ascii()), "the key is in it");
    // A machine without a desk, to which the operator brings the backup and the key.
    let clean = World::with(Setup::default());
    let put = |name: &str, bytes: &[u8]| {
        let path = clean.dir.join(name);
        fs::write(&path, bytes).expect("a file");
        path.to_str().expect("a path").to_owned()
    };
    fs::create_dir(clean.dir.join("data")).expect("a folder");
    let restored = |file: &str| clean.run(&["restore", file, "--yes"]).status.code();
    let sound = put("sound", &bytes);
    assert_ne!(restored(&sound), Some(0), "nobody restores without the key");
    put("data/desk.key", &key);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(clean.dir.join("data/desk.key"), mode).expect("chmod");
    let mut damaged = bytes.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    assert_eq!(restored(&put("damaged", &damaged)), Some(65));
    assert_eq!(restored(&put("cut", &bytes[..middle])), Some(65));
    assert!(!clean.dir.join("data/desk.db").exists(), "what is refused changes nothing");
    assert_eq!(restored(&sound), Some(0));
    assert!(clean.words(opened.number, "customer").contains(&words), "the ticket is back");
    assert_eq!(clean.ticket(opened.number)["requester"]["address"], alice.address.as_str());
}

/// T114: what waited in a backup does not leave by itself, and mail that was confirmed is not confirmed anew.
#[test]
fn t114_a_restored_backup_sends_nothing_by_itself() {
    let mut world = World::with_sink();
    world
        .sink
        .as_ref()
        .expect("a sink")
        .script(|line, _| line.starts_with("MAIL").then(|| "451 4.3.0 not now".to_owned()));
    let (alice, bert) = (person("alice"), person("bert"));
    world.send(&Draft::new(&alice, &world.desk, "before the backup", "x"));
    all_wait(&world);
    let backup = world.dir.join("desk.backup");
    let file = backup.to_str().expect("a path");
    assert_eq!(world.run(&["backup", file]).status.code(), Some(0));
    world.sink.as_ref().expect("a sink").script(|_, _| None);
    world.letter(&alice, "the confirmation", |_| true);
    world.send(&Draft::new(&bert, &world.desk, "after the backup", "x"));
    world.letter(&bert, "the confirmation", |_| true);
    until("an empty outbox", || world.list(&["outbox", "list"]).is_empty().then_some(()));
    restore(&mut world, file);
    world.settle();
    assert_eq!(world.tickets_of(&bert).len(), 1, "his mail is taken in again");
    for who in [&alice, &bert] {
        assert_eq!(world.letters(&who.address).len(), 1, "one confirmation for {}", who.address);
    }
    let rows = world.outbox_of(&alice.address);
    assert!(rows.len() == 1 && rows[0]["reason"].to_string().contains("backup"), "{rows:?}");
    assert_eq!(world.run(&["outbox", "retry"]).status.code(), Some(0));
    until("the letter that the operator sent", || (world.letters(&alice.address).len() == 2).then_some(()));
}

/// T114: what staff answered between a backup and its restore is taken in once more and reaches nobody twice:
/// it waits in the outbox as what the backup brought, and its writer is told.
#[test]
fn t114_an_answer_from_before_a_restore_leaves_once() {
    let mut world = World::with_sink();
    let (alice, words, later) = (person("alice"), canary("ANSWER"), canary("LATER"));
    let opened = world.open(&alice, "Printer", "It burns.");
    let backup = world.dir.join("desk.backup");
    let file = backup.to_str().expect("a path");
    assert_eq!(world.run(&["backup", file]).status.code(), Some(0));
    let answers = |world: &World, words: &str| {
        world.letters(&alice.address).iter().filter(|l| l.text().contains(words)).count()
    };
    world.send(&Draft::answer(&world.bob, &opened.notice, &words));
    until("the answer", || (answers(&world, &words) == 1).then_some(()));
    until("an empty outbox", || world.list(&["outbox", "list"]).is_empty().then_some(()));
    restore(&mut world, file);
    world.letter(&world.bob, "the result", |l| l.text().contains("outbox retry"));
    assert!(world.words(opened.number, "staff").contains(&words), "it is in the ticket");
    let rows = world.outbox_of(&alice.address);
    assert!(rows.len() == 1 && rows[0]["reason"].to_string().contains("backup"), "{rows:?}");
    world.send(&Draft::answer(&world.bob, &opened.notice, &format!("#send\n{later}")));
    until("an answer from after the restore", || (answers(&world, &later) == 1).then_some(()));
    world.settle();
    assert_eq!(answers(&world, &words), 1, "nothing leaves by itself");
    assert_eq!(world.run(&["outbox", "retry"]).status.code(), Some(0));
    until("the letter that the operator sent", || (answers(&world, &words) == 2).then_some(()));
}
