//! Issue, section 1, on the running program: what mail servers really do to intake, and what it does then.

use crate::clock;
use crate::fake_mailbox::{FakeMailbox, Folder, good, have_tickets, health, held, is_told, mail, subjects};
use crate::stage::until;
use crate::world::World;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub fn said(world: &World, args: &[&str]) -> (Option<i32>, String) {
    let out = world.run(args);
    let text = [out.stdout, out.stderr].concat();
    (out.status.code(), String::from_utf8_lossy(&text).into_owned())
}

pub fn log_says(world: &World, words: &str) {
    let log = || fs::read_to_string(world.dir.join("log")).expect("the log");
    until(&format!("{words} in the log"), || log().contains(words).then_some(()));
}

pub fn started(fake: &FakeMailbox, mailbox: &str) -> World {
    fake.desk(mailbox).started()
}

/// Text and kind of all messages of the ticket with this subject.
fn messages(world: &World, subject: &str) -> Vec<(String, String)> {
    let ticket = world.tickets().into_iter().find(|t| t["subject"] == subject).expect("a ticket");
    let ticket = world.ticket(ticket["number"].as_i64().expect("a number"));
    let word = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    let all = ticket["messages"].as_array().expect("messages");
    all.iter().map(|m| (word(&m["kind"]), word(&m["text"]))).collect()
}

#[test]
fn t109_a_restored_mailbox_loses_no_mail_and_audit_names_it() {
    // UIDNEXT goes back below the cursor; or it does not, and other mails lie under the known UIDs.
    for more in [3, 7] {
        let fake = FakeMailbox::start(|_, _, _| None);
        let mut world = started(&fake, "");
        for n in 0..7 {
            fake.deliver(&world, &format!("before{n}"));
        }
        until("seven tickets", || (subjects(&world).len() == 7).then_some(()));
        world.audit_is_clean();
        assert_eq!(world.stop(), Some(0));
        {
            let mut folder = fake.folder();
            folder.mails.truncate(2);
            folder.next = 3;
            // The clock of a server has seconds: what comes now is later than what came before.
            folder.ahead_secs = 60;
        }
        for n in 0..more {
            fake.deliver(&world, &format!("after{n}"));
        }
        let (code, text) = said(&world, &["audit"]);
        assert!(code == Some(1) && text.contains("its UIDs went back"), "{more}: {text}");
        assert!(text.contains("without an outcome: UID 3, 4, 5"), "{more}: {text}");
        let before = fs::read_to_string(world.dir.join("log")).expect("the log").len();
        world.start();
        let words: Vec<String> = (0..more).map(|n| format!("after{n}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        have_tickets(&world, "what came after the restore", &words);
        is_told(&world, "the restore", &["UIDs of the folder went back"]);
        let log = fs::read_to_string(world.dir.join("log")).expect("the log");
        assert!(log[before..].contains("went back to 3, as after a restore"), "{}", &log[before..]);
        world.audit_is_clean();
        let all = subjects(&world);
        assert!(all.len() == 7 + more && all.values().all(|n| *n == 1), "{more}: {all:?}");
    }
}

/// What a server says of one mail in place of its bytes.
type Bad = fn(&str, u32) -> String;

/// The answer to a FETCH of bytes, with this in place of what is said of the bad mail.
fn in_place(folder: &mut Folder, tag: &str, command: &str, (uid, bad): (u32, &str)) -> String {
    let set = command.split(' ').nth(2).unwrap_or_default().to_owned();
    let others: Vec<&str> = set.split(',').filter(|n| *n != uid.to_string()).collect();
    let rest = match others.as_slice() {
        [] => format!("{tag} OK done\r\n"),
        others => good(folder, tag, &command.replacen(&set, &others.join(","), 1)),
    };
    format!("{bad}{rest}")
}

#[test]
fn t110_one_mail_that_is_not_handed_out_is_held_told_and_replaced() {
    let answers: [(&str, Bad); 7] = [
        ("nothing", |_, _| String::new()),
        ("NIL", |_, uid| format!("* 3 FETCH (UID {uid} BODY[] NIL)\r\n")),
        ("an empty one", |_, uid| format!("* 3 FETCH (UID {uid} BODY[] {{0}}\r\n)\r\n")),
        ("no form", |_, uid| format!("* 3 FETCH (UID {uid} BODY[\r\n")),
        ("NO", |tag, _| format!("{tag} NO [SERVERBUG] it is broken\r\n")),
        ("BYE", |_, _| "* BYE [UNAVAILABLE] it is broken\r\n".to_owned()),
        ("too much", |_, uid| format!("* 3 FETCH (UID {uid} BODY[] {{4294967295}}\r\nx\r\n)\r\n")),
    ];
    for (what, bad) in answers {
        let mended = Arc::new(AtomicBool::new(false));
        let works = mended.clone();
        let fake = FakeMailbox::start(move |folder, tag, command| {
            if works.load(Ordering::SeqCst) || !folder.is_asked(command, 3) {
                return None;
            }
            match bad(tag, 3) {
                answer if answer.starts_with(tag) || answer.starts_with("* BYE") => Some(answer),
                answer => Some(in_place(folder, tag, command, (3, &answer))),
            }
        });
        fake.folder().ahead_secs = 3_600;
        let mut world = fake.desk("");
        world.launch(&clock::quick());
        world.ready();
        for word in ["a", "b", "bad", "c", "d"] {
            fake.deliver(&world, word);
        }
        have_tickets(&world, &format!("{what}: the neighbours"), &["a", "b", "c", "d"]);
        let reason = until(&format!("{what}: it is held"), || held(&world).pop()).1;
        assert!(reason.contains("the server cannot hand it out: UID 3"), "{what}: {reason}");
        is_told(&world, what, &["the server does not hand out 1 mails (UID 3), 1 of them held"]);
        log_says(&world, "a mail is not taken in: the server cannot hand it out");
        let fetched = |f: &Folder| f.heard.iter().filter(|c| f.is_asked(c, 3)).count();
        assert!(fetched(&fake.folder()) >= 3, "{what}: it was tried three times");
        fake.deliver(&world, "later");
        have_tickets(&world, &format!("{what}: a later one"), &["later"]);
        assert_eq!(held(&world).len(), 1, "{what}: it is held once");
        mended.store(true, Ordering::SeqCst);
        have_tickets(&world, &format!("{what}: it comes after all"), &["bad"]);
        assert!(held(&world).is_empty(), "{what}: the ticket takes its place");
        until("status to tell nothing more", || (!health(&world).1.contains("UID 3")).then_some(()));
    }
}

#[test]
fn t110_another_size_than_announced_is_asked_for_again_and_marked() {
    let fake = FakeMailbox::start(|folder, tag, command| {
        if !command.contains("RFC822.SIZE") {
            return None;
        }
        let usual = good(folder, tag, command);
        // Of one mail 500 octets more are announced than there are, of one 20 fewer, of nobody's more again.
        let wrong = |uid: u32, by: i64| {
            let mail = folder.mails.iter().find(|m| m.uid == uid);
            mail.map(|m| (m.raw.len(), m.raw.len() as i64 + by, uid))
        };
        let all = [wrong(1, 500), wrong(2, -20), wrong(3, 500)].into_iter().flatten();
        Some(all.fold(usual, |text, (right, wrong, uid)| {
            let date = &folder.mails.iter().find(|m| m.uid == uid).expect("it").date;
            let said = |size: i64| format!("UID {uid} INTERNALDATE \"{date}\" RFC822.SIZE {size})");
            text.replace(&said(right as i64), &said(wrong))
        }))
    });
    let world = started(&fake, "");
    fake.deliver(&world, "cut");
    fake.deliver(&world, "grown");
    let nobodys = mail(&world, "nobodys").lines().skip(1).map(|l| format!("{l}\r\n")).collect();
    fake.folder().put(nobodys);
    fake.deliver(&world, "right");
    have_tickets(&world, "all but the one of nobody", &["cut", "grown", "right"]);
    let reason = until("the one of nobody to be held", || held(&world).pop()).1;
    assert!(reason.contains("names no sender") && reason.contains("The mail server announced"), "{reason}");
    for (uid, word) in [(1, "cut"), (2, "grown")] {
        let size = fake.folder().mails[uid - 1].raw.len();
        let marks: Vec<(String, String)> =
            messages(&world, word).into_iter().filter(|(kind, _)| kind == "system").collect();
        let came = format!("and handed out {size}");
        assert!(marks.len() == 1 && marks[0].1.contains(&came), "{word}: {marks:?}");
        assert_eq!(marks[0].1.contains("may be missing"), word == "cut");
        let notice = world.letter(&world.bob, "the notice", |l| l.subject().starts_with(word));
        let text = notice.text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(&came), "{word}: {text}");
        let asked = |f: &Folder| f.heard.iter().filter(|c| f.is_asked(c, uid as u32)).count();
        assert!(asked(&fake.folder()) >= 2, "{word}: asked for again before it counts");
    }
    assert_eq!(messages(&world, "right").len(), 1, "no mark");
    is_told(&world, "sizes", &["3 mails have another size than the server announced"]);
    log_says(&world, "a mail has another size than announced");
}

#[test]
fn t110_a_large_mail_is_fetched_to_its_end_whatever_was_announced() {
    for announced in ["1100000", "9000000"] {
        let fake = FakeMailbox::start(move |folder, tag, command| {
            let size = folder.mails.first().map_or(0, |m| m.raw.len());
            let (told, wrong) = (format!("RFC822.SIZE {size}"), format!("RFC822.SIZE {announced}"));
            command.contains("RFC822.SIZE").then(|| good(folder, tag, command).replace(&told, &wrong))
        });
        let world = started(&fake, "");
        let words = format!("{}\r\n", "x".repeat(70)).repeat(46_000);
        let head = mail(&world, "large").replace(
            "text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit",
            "multipart/mixed; boundary=b",
        );
        let (head, _) = head.split_once("\r\n\r\n").expect("a head");
        let file =
            "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=a.bin";
        let raw = format!("{head}\r\n\r\n--b\r\n\r\nWords.\r\n--b\r\n{file}\r\n\r\n{words}\r\n--b--\r\n");
        fake.folder().put(raw);
        have_tickets(&world, "the large mail", &["large"]);
        let number = world.tickets()[0]["number"].as_i64().expect("a number");
        let files = world.ticket(number)["messages"][0]["attachments"].clone();
        assert_eq!(files[0]["size"], words.len(), "{announced}: {files}");
    }
}
