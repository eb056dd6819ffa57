//! Issue, 1.3, on the running program: what happens on the server after the commit stands before no mail. A
//! refusal is told and tried again (T111).

use crate::dovecot::ids_of;
use crate::fake_mailbox::{FakeMailbox, Folder, good, have_tickets, is_told, subjects};
use crate::intake::{log_says, said, started};
use crate::stage::{stage, until};
use crate::world::{Setup, World};
use std::fs;
use std::os::unix::fs::chown;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// As `good`, of a server without MOVE: a copy stays where it is until it is expunged.
fn without_move(folder: &mut Folder, tag: &str, command: &str) -> String {
    match command {
        "CAPABILITY" => format!("* CAPABILITY IMAP4rev1 UIDPLUS\r\n{tag} OK\r\n"),
        c if c.starts_with("UID EXPUNGE") => good(folder, tag, &c.replace("EXPUNGE", "MOVE")),
        c => good(folder, tag, c),
    }
}

#[test]
fn t111_what_is_refused_after_the_commit_is_told_and_tried_again() {
    for (refused, words, done) in [
        ("UID MOVE", "NO [OVERQUOTA] no room in the archive", true),
        ("CREATE", "NO [CANNOT] no folders here", true),
        ("UID STORE", "NO [NOPERM] read only", false),
        ("UID COPY", "NO [TRYCREATE] it is gone", true),
        ("UID EXPUNGE", "NO [NOPERM] nothing leaves", true),
        ("UID STORE", "NO [NOPERM] no flags", true),
    ] {
        let has_move = !(done && matches!(refused, "UID COPY" | "UID EXPUNGE" | "UID STORE"));
        let good_again = Arc::new(AtomicBool::new(false));
        let works = good_again.clone();
        let fake = FakeMailbox::start(move |folder, tag, command| {
            if command.starts_with(refused) && !works.load(Ordering::SeqCst) {
                return Some(format!("{tag} {words}\r\n"));
            }
            (!has_move).then(|| without_move(folder, tag, command))
        });
        let world = started(&fake, if done { "done = \"Archive\"\n" } else { "" });
        for word in ["a", "b", "c"] {
            fake.deliver(&world, word);
            have_tickets(&world, &format!("{refused}: {word}"), &[word]);
        }
        is_told(&world, refused, &["open, mail is taken in", words]);
        assert_eq!(world.get("/healthz").0, 200, "{refused}: intake works");
        log_says(&world, words);
        assert_eq!(fake.folder().mails.len(), 3, "{refused}");
        good_again.store(true, Ordering::SeqCst);
        until(&format!("{refused}: it is done later"), || {
            let folder = fake.folder();
            let settled = if done { folder.mails.is_empty() } else { folder.heard("UID STORE") >= 2 };
            settled.then_some(())
        });
        until(&format!("{refused}: status is content"), || {
            (!crate::fake_mailbox::health(&world).1.contains(words)).then_some(())
        });
        if !has_move && refused != "UID COPY" {
            assert_eq!(fake.folder().heard("UID COPY"), 3, "{refused}: one copy of each");
        }
        assert!(subjects(&world).values().all(|n| *n == 1));
    }
}

#[test]
fn t111_a_folder_that_cannot_be_made_is_made_below_the_namespace_and_check_tries() {
    let namespace = Arc::new(AtomicBool::new(true));
    let has = namespace.clone();
    let fake = FakeMailbox::start(move |folder, tag, command| match command {
        "NAMESPACE" if has.load(Ordering::SeqCst) => {
            Some(format!("* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL\r\n{tag} OK\r\n"))
        }
        c if c.starts_with("CREATE") && !c.contains("INBOX.") => {
            Some(format!("{tag} NO [CANNOT] it should be prefixed with INBOX.\r\n"))
        }
        c if c.starts_with("CREATE") && !has.load(Ordering::SeqCst) => {
            Some(format!("{tag} NO [CANNOT] never\r\n"))
        }
        c => Some(good(folder, tag, c)),
    });
    let world = started(&fake, "done = \"Archive\"\n");
    fake.deliver(&world, "a");
    have_tickets(&world, "it", &["a"]);
    until("it is moved", || fake.folder().mails.is_empty().then_some(()));
    assert_eq!(fake.folder().heard("UID MOVE 1 \"INBOX.Archive\""), 1);
    let (code, text) = said(&world, &["check"]);
    assert!(text.contains("moved to INBOX.Archive"), "{code:?} {text}");
    // Without the namespace there is no such folder, and `check` says so.
    namespace.store(false, Ordering::SeqCst);
    fake.folder().folders.clear();
    let (code, text) = said(&world, &["check"]);
    assert!(code == Some(1) && text.contains("cannot be moved to the folder Archive"), "{code:?} {text}");
    assert!(text.contains("it should be prefixed with INBOX."), "{text}");
}

/// A real Dovecot refuses what its access lists forbid.
#[test]
fn t111_a_real_server_that_forbids_the_archive_stops_no_mail() {
    let mut world = World::with(Setup { mailbox: "done = \"Archive\"\n".into(), ..Setup::default() });
    let home = stage().dovecot.home(&world.desk);
    let archive = home.join(".Archive");
    fs::create_dir_all(&archive).expect("a folder");
    let forbid = archive.join("dovecot-acl");
    fs::write(&forbid, "owner lr\n").expect("an access list");
    let (uid, gid) = ids_of("mail");
    for path in [home.parent().expect("that of the domain"), &home, &archive, &forbid] {
        chown(path, Some(uid), Some(gid)).expect("it belongs to the server");
    }
    world.start();
    for word in ["first", "second"] {
        world.open(&crate::letters::person(word), word, "x");
    }
    is_told(&world, "the refusal", &["open, mail is taken in", "what was taken in stays", "NOPERM"]);
    assert!(stage().dovecot.mails(&world.desk, "Archive").is_empty());
    assert_eq!(world.stop(), Some(0));
    fs::remove_file(&forbid).expect("allowed again");
    world.start();
    until("both to be moved", || (stage().dovecot.mails(&world.desk, "Archive").len() == 2).then_some(()));
}

/// A real Dovecot whose mailbox is put back to an earlier state gives out UIDs a second time, under the same
/// UIDVALIDITY.
#[test]
fn t109_a_real_mailbox_that_is_restored_loses_no_mail() {
    let mut world = World::with_sink();
    let home = stage().dovecot.home(&world.desk);
    let kept = world.dir.join("snapshot");
    let copy = |from: &std::path::Path, to: &std::path::Path| {
        let done = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().expect("cp");
        assert!(done.success());
    };
    let people = |word: &str, n: usize| -> Vec<_> {
        (0..n).map(|i| crate::letters::person(&format!("{word}{i}"))).collect()
    };
    let send = |world: &World, all: &[crate::letters::Person]| {
        for who in all {
            world.send(&crate::letters::Draft::new(who, &world.desk, &who.name, "x"));
        }
    };
    let old = people("old", 2);
    send(&world, &old);
    until("two tickets", || (world.tickets().len() == 2).then_some(()));
    copy(&home, &kept);
    send(&world, &people("lost", 5));
    until("seven tickets", || (world.tickets().len() == 7).then_some(()));
    assert_eq!(world.stop(), Some(0));
    let validity = |text: &str| text.lines().next().unwrap_or_default().split(" N").next().map(str::to_owned);
    let list = || fs::read_to_string(home.join("dovecot-uidlist")).expect("the list of UIDs");
    let before = validity(&list());
    fs::remove_dir_all(&home).expect("the mailbox is gone");
    copy(&kept, &home);
    assert_eq!(validity(&list()), before, "the same UIDVALIDITY");
    // INTERNALDATE has whole seconds: what comes in the second of the lost mails, and has their size, cannot
    // be told from them.
    let second = || std::time::UNIX_EPOCH.elapsed().map_or(0, |t| t.as_secs());
    let lost = second();
    until("the next second", || (second() > lost).then_some(()));
    let new = people("new", 5);
    send(&world, &new);
    let (code, text) = said(&world, &["audit"]);
    assert!(code == Some(1) && text.contains("its UIDs went back"), "{text}");
    world.start();
    for who in &new {
        until("a ticket of each", || (world.tickets_of(who).len() == 1).then_some(()));
    }
    log_says(&world, "as after a restore");
    world.audit_is_clean();
    assert_eq!(world.tickets().len(), 12, "none twice");
}
