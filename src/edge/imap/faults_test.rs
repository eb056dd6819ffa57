//! Intake against a scripted server: what is interrupted, what is refused without end, and what a server
//! leaves unsaid.

use super::scripted_test::{Folder, QUICK, Scripted, mail, polite};
use std::sync::atomic::{AtomicBool, Ordering};

const OLD: &str = "26-Nov-2020 08:00:00 +0000";
const NEW: &str = "26-Nov-2090 08:00:00 +0000";

fn asks_for_bytes(command: &str) -> bool {
    command.starts_with("UID FETCH") && command.contains("BODY")
}

fn lists(command: &str) -> bool {
    command.starts_with("UID FETCH") && !command.contains("BODY")
}

/// Whether the set of a command such as `UID FETCH 2:*` holds this UID.
fn holds(command: &str, uid: u32) -> bool {
    let set = command.split(' ').nth(2).unwrap_or_default();
    set.split(',').any(|part| {
        let (from, to) = part.split_once(':').unwrap_or((part, part));
        let number = |text: &str| text.parse().unwrap_or(u32::MAX);
        (number(from)..=number(to)).contains(&uid)
    })
}

/// Leaves out the line about this mail.
fn without_line(answer: &str, uid: u32) -> String {
    let about = format!("(UID {uid} ");
    answer.split_inclusive("\r\n").filter(|line| !line.contains(&about)).collect()
}

#[test]
fn t109_an_interrupted_change_of_uidvalidity_takes_in_no_old_mail() {
    let scripted = Scripted::start_with(None, QUICK, false, |folder, tag, command| {
        let changed = folder.was_told("CHANGED");
        if changed && command.starts_with("SELECT") {
            return Some(polite(folder, tag, command).replace("UIDVALIDITY 7", "UIDVALIDITY 8"));
        }
        // The bytes come, and the connection ends before the command does.
        if changed && asks_for_bytes(command) && folder.is_told_once("ENDS") {
            return Some(polite(folder, tag, command).replace(&format!("{tag} OK done"), "* BYE done"));
        }
        None
    });
    for name in ["old1", "old2", "old3"] {
        scripted.put(name, OLD);
    }
    // What lay there at the first connect stays unread, so nothing says when that was but its health.
    scripted.until("the first connect", |s| s.health().0);
    scripted.put("first", NEW);
    scripted.until("a ticket", |s| s.tickets().contains_key("first"));
    scripted.tell("ENDS");
    scripted.tell("CHANGED");
    scripted.put("second", NEW);
    scripted.until("another", |s| s.tickets().contains_key("second"));
    // Whatever lies there by now was put there after the change, whatever its date is.
    scripted.put("moved here", OLD);
    scripted.until("one that somebody put there", |s| s.tickets().contains_key("moved here"));
    assert_eq!(scripted.tickets().len(), 3, "{:?}", scripted.tickets());
}

#[test]
fn t110_a_list_that_is_refused_for_one_mail_stops_no_other() {
    for (what, serves) in [("its bytes come", true), ("they do not", false)] {
        let scripted = Scripted::start(None, move |folder, tag, command| {
            if lists(command) && holds(command, 3) && folder.mails.len() > 2 {
                let (lines, _) =
                    polite(folder, tag, command).split_once("* 3").map(|(a, b)| (a.to_owned(), b.len()))?;
                return Some(format!("{lines}{tag} NO [SERVERBUG] it is broken\r\n"));
            }
            (!serves && asks_for_bytes(command) && holds(command, 3)).then(|| format!("{tag} NO broken\r\n"))
        });
        for name in ["a", "b", "bad", "c", "d"] {
            scripted.deliver(mail(name));
        }
        let others = ["a", "b", "c", "d"];
        scripted.until(what, |s| others.iter().all(|n| s.tickets().get(*n) == Some(&1)));
        match serves {
            true => scripted.until(what, |s| s.tickets().contains_key("bad")),
            false => scripted.until(what, |s| s.held().len() == 1),
        }
        scripted.deliver(mail("later"));
        scripted.until("later mail", |s| s.tickets().contains_key("later"));
    }
}

#[test]
fn t110_a_mail_that_the_list_leaves_out_is_found() {
    let scripted = Scripted::start(None, |folder, tag, command| {
        let leaves_out = lists(command) && command.contains(':');
        leaves_out.then(|| without_line(&polite(folder, tag, command), 2))
    });
    for name in ["a", "left out", "c"] {
        scripted.deliver(mail(name));
    }
    scripted.until("all three", |s| s.tickets().len() == 3);
}

#[test]
fn t112_an_idle_that_ends_at_once_is_not_begun_again() {
    let scripted = Scripted::start(None, |_, tag, command| match command {
        "CAPABILITY" => Some(format!("* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK\r\n")),
        "IDLE" => Some(format!("+ idling\r\n{tag} OK that was it\r\n")),
        _ => None,
    });
    for name in ["a", "b", "c"] {
        scripted.deliver(mail(name));
        scripted.until(name, |s| s.tickets().contains_key(name));
    }
    assert_eq!((scripted.heard("IDLE"), scripted.heard("LOGIN")), (1, 1));
}

#[test]
fn t112_an_idle_that_died_is_begun_again_at_the_next_connection() {
    let scripted = Scripted::start(None, |folder, tag, command| match command {
        "CAPABILITY" => Some(format!("* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK\r\n")),
        "IDLE" => Some("+ idling\r\n".into()),
        "DONE" if folder.logins == 1 => Some("* OK nothing more comes\r\n".into()),
        _ => None,
    });
    scripted.until("IDLE of the second connection", |s| {
        let folder = s.folder.lock().expect("folder");
        let second = folder.heard.iter().rposition(|c| c.starts_with("LOGIN")).unwrap_or(0);
        folder.logins == 2 && folder.heard[second..].iter().any(|c| c == "IDLE")
    });
}

#[test]
fn t111_a_session_that_ends_over_a_move_is_not_followed_by_another() {
    let scripted = Scripted::start(Some("Done"), |_, _, command| {
        command.starts_with("UID MOVE").then(|| "* BYE the archive is broken\r\n".to_owned())
    });
    for name in ["a", "b", "c", "d"] {
        scripted.deliver(mail(name));
        scripted.until(name, |s| s.tickets().contains_key(name));
    }
    scripted.until("it is told", |s| s.health().0 && s.health().1.contains("the archive is broken"));
    assert_eq!((scripted.heard("UID MOVE"), scripted.heard("LOGIN")), (1, 2));
}

#[test]
fn t110_a_server_that_hands_out_nothing_has_a_fault_of_its_own() {
    let scripted = Scripted::start(None, |folder, tag, command| {
        (asks_for_bytes(command) && !folder.was_told("MENDED"))
            .then(|| format!("{tag} NO [INUSE] locked\r\n"))
    });
    let names = ["a", "b", "c", "d", "e", "f"];
    for name in names {
        scripted.deliver(mail(name));
    }
    scripted.until("it is told", |s| !s.health().0 && s.health().1.contains("hands out no mail"));
    scripted.until("each was asked for four times", |s| {
        let folder = s.folder.lock().expect("folder");
        let asked = |uid: u32| folder.heard.iter().filter(|c| asks_for_bytes(c) && holds(c, uid)).count();
        (1..=6).all(|uid| asked(uid) >= 4)
    });
    assert!(scripted.held().is_empty(), "{:?}", scripted.held());
    scripted.tell("MENDED");
    scripted.deliver(mail("g"));
    scripted.until("the newest", |s| s.tickets().contains_key("g"));
    assert!(scripted.held().is_empty());
}

#[test]
fn t109_a_server_that_does_not_say_uidnext_went_not_back() {
    let scripted = Scripted::start(Some("Done"), |folder, tag, command| {
        command.starts_with("SELECT").then(|| polite(folder, tag, command).replace("UIDNEXT", "X"))
    });
    scripted.put("stays", NEW);
    for name in ["a", "b", "c"] {
        scripted.deliver(mail(name));
        scripted.until(name, |s| s.tickets().contains_key(name));
        scripted.until("it is moved", |s| s.folder.lock().expect("folder").mails.is_empty());
    }
    assert!(!scripted.health().1.contains("went back"), "{:?}", scripted.health());
    let folder = scripted.folder.lock().expect("folder");
    for uid in 1..=4 {
        let asked = folder.heard.iter().filter(|c| asks_for_bytes(c) && holds(c, uid)).count();
        assert_eq!(asked, 1, "UID {uid}: {:?}", folder.heard);
    }
}

fn cut_when_told(folder: &mut Folder, command: &str) -> bool {
    command.starts_with("SELECT") && folder.is_told_once("CUT")
}

#[test]
fn t109_another_size_alone_is_compared_by_content() {
    let scripted = Scripted::start(None, |folder, tag, command| {
        if cut_when_told(folder, command) {
            return Some(String::new());
        }
        let size = folder.mails.get(1).map_or(0, |m| m.raw.len());
        (folder.was_told("RESIZED") && lists(command)).then(|| {
            let usual = polite(folder, tag, command);
            usual.replace(
                &format!("(UID 2 INTERNALDATE \"{}\" RFC822.SIZE {size}", folder.mails[1].date),
                &format!("(UID 2 INTERNALDATE \"{}\" RFC822.SIZE 0", folder.mails[1].date),
            )
        })
    });
    for name in ["a", "b", "c"] {
        scripted.deliver(mail(name));
    }
    scripted.until("three", |s| s.tickets().len() == 3);
    scripted.tell("RESIZED");
    scripted.tell("CUT");
    scripted.until("it is told", |s| s.health().1.contains("1 known UIDs have mails of another size"));
    assert!(!scripted.health().1.contains("went back"));
    scripted.until("it is asked for again", |s| s.heard("UID FETCH 2 (UID BODY") == 1);
    scripted.deliver(mail("d"));
    scripted.until("a later one", |s| s.tickets().contains_key("d"));
    assert!(scripted.tickets().len() == 4 && scripted.tickets().values().all(|n| *n == 1));
}

#[test]
fn t109_uidvalidity_that_is_left_out_once_changes_nothing() {
    let scripted = Scripted::start(None, |folder, tag, command| {
        (command.starts_with("SELECT") && folder.is_told_once("UNSAID"))
            .then(|| polite(folder, tag, command).replace("UIDVALIDITY", "X"))
    });
    scripted.deliver(mail("a"));
    scripted.until("a ticket", |s| s.tickets().len() == 1);
    scripted.tell("UNSAID");
    scripted.until("another connection", |s| s.heard("LOGIN") == 2);
    scripted.deliver(mail("b"));
    scripted.until("another", |s| s.tickets().len() == 2);
    assert_eq!(scripted.heard("UID FETCH 1 (UID BODY"), 1, "it was not fetched a second time");
}

#[test]
fn t110_a_large_mail_is_never_taken_for_its_first_piece() {
    for (what, caps, refuses) in [("a piece is refused", 1 << 20, true), ("pieces are short", 300_000, false)]
    {
        let mended = std::sync::Arc::new(AtomicBool::new(false));
        let works = mended.clone();
        let scripted = Scripted::start(None, move |folder, tag, command| {
            if lists(command) {
                // Without a size nothing says how much there is.
                let usual = polite(folder, tag, command);
                return Some(if refuses { usual.replace("RFC822.SIZE", "X") } else { usual });
            }
            let (_, part) = command.split_once("[]<")?;
            let from: usize = part.split('.').next()?.parse().ok()?;
            if from > 0 && refuses && !works.load(Ordering::SeqCst) {
                return Some(format!("{tag} NO no more\r\n"));
            }
            let raw = &folder.mails[0].raw;
            let piece = &raw[from.min(raw.len())..raw.len().min(from + caps)];
            Some(format!("* 1 FETCH (UID 1 BODY[]<{from}> {{{}}}\r\n{piece})\r\n{tag} OK\r\n", piece.len()))
        });
        let words = "all of these words\r\n".repeat(250_000);
        let whole = format!("{}{words}", mail("large"));
        scripted.deliver(whole.clone());
        if refuses {
            scripted.until(what, |s| s.held().len() == 1);
            assert!(scripted.tickets().is_empty(), "{what}");
            mended.store(true, Ordering::SeqCst);
            continue;
        }
        scripted.until(what, |s| s.tickets().len() == 1);
        assert!(!scripted.health().1.contains("another size"), "{what}: {:?}", scripted.health());
    }
}

#[test]
fn t112_a_sign_in_that_never_ends_is_given_up() {
    let scripted = Scripted::start(None, |_, _, command| {
        (command.starts_with("LOGIN") || command.is_empty()).then(|| "+ and?\r\n".to_owned())
    });
    scripted.until("it is told", |s| s.health().1.contains("it asks and asks"));
}

#[test]
fn t111_mails_that_cannot_be_moved_keep_no_others_back() {
    let scripted = Scripted::start(Some("Done"), |_, tag, command| {
        let bad = (1..=4).any(|uid| holds(command, uid));
        (command.starts_with("UID MOVE") && bad).then(|| format!("{tag} NO not these\r\n"))
    });
    for name in ["a", "b", "c", "d", "e", "f"] {
        scripted.deliver(mail(name));
    }
    scripted.until("the others are moved", |s| s.folder.lock().expect("folder").mails.len() == 4);
}
