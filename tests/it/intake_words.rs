//! Issue, 1.4 to 1.6, on the running program: servers that speak oddly, what servers say, and servers that
//! say nothing any more (T112).

use crate::clock;
use crate::fake_mailbox::{FakeMailbox, Folder, good, have_tickets, health, is_told, subjects};
use crate::intake::{log_says, said, started};
use crate::stage::until;
use std::fs;

type Odd = fn(&mut Folder, &str, &str) -> Option<String>;

fn can(tag: &str, what: &str) -> Option<String> {
    Some(format!("* CAPABILITY IMAP4rev1 {what}\r\n{tag} OK\r\n"))
}

#[test]
fn t112_each_oddity_is_passed_over_in_one_session() {
    let odd: [(&str, Odd); 10] = [
        ("INTERNALDATE NIL", |f, tag, c| {
            let date = f.mails.first().map(|m| format!("\"{}", &m.date[..2]))?;
            c.contains("INTERNALDATE")
                .then(|| good(f, tag, c).replace(&format!("INTERNALDATE {date}"), "INTERNALDATE NIL X \"00"))
        }),
        ("a flag in quotes", |f, tag, c| {
            let flags =
                "* FLAGS (\"\\\\Deleted\" \\Seen \"a b\")\r\n* OK [PERMANENTFLAGS (\"\\\\Seen\")] x\r\n";
            c.starts_with("SELECT").then(|| format!("{flags}{}", good(f, tag, c)))
        }),
        ("white space at odd places", |f, tag, c| {
            let text = good(f, tag, c).replace("FETCH (UID ", "FETCH  ( UID  ").replace("* OK [", "*  OK  [");
            (c.starts_with("SELECT") || c.contains("RFC822")).then(|| text.replace(" EXISTS", "  EXISTS "))
        }),
        ("UIDVALIDITY of 13 digits", |f, tag, c| {
            c.starts_with("SELECT")
                .then(|| good(f, tag, c).replace("UIDVALIDITY 7", "UIDVALIDITY 1764547200123"))
        }),
        ("ID demanded before SELECT", |f, tag, c| match c {
            "CAPABILITY" => can(tag, "ID"),
            c if c.starts_with("SELECT") && f.heard("ID (") == 0 => {
                Some(format!("{tag} NO SELECT Unsafe Login\r\n"))
            }
            _ => None,
        }),
        ("IDLE announced and refused", |_, tag, c| match c {
            "CAPABILITY" => can(tag, "IDLE"),
            "IDLE" => Some(format!("{tag} NO not today\r\n")),
            _ => None,
        }),
        ("EXISTS told before the continuation of IDLE", |f, tag, c| match c {
            "CAPABILITY" => can(tag, "IDLE"),
            "IDLE" => Some(format!("* {} EXISTS\r\n+ go on\r\n", f.mails.len())),
            _ => None,
        }),
        ("no UIDNEXT", |f, tag, c| c.starts_with("SELECT").then(|| good(f, tag, c).replace("UIDNEXT", "X"))),
        ("an empty folder refuses 1:*", |f, tag, c| {
            let bad = f.mails.is_empty() && c.starts_with("UID FETCH");
            bad.then(|| format!("{tag} BAD The specified message set is invalid\r\n"))
        }),
        ("no UIDVALIDITY", |f, tag, c| {
            c.starts_with("SELECT").then(|| good(f, tag, c).replace("[UIDVALIDITY 7]", ""))
        }),
    ];
    for (what, odd) in odd {
        // `audit` looks with EXAMINE.
        let fake = FakeMailbox::start(move |f, tag, c| odd(f, tag, &c.replace("EXAMINE", "SELECT")));
        let world = started(&fake, "");
        for word in ["a", "b"] {
            fake.deliver(&world, word);
            have_tickets(&world, &format!("{what}: {word}"), &[word]);
        }
        let (code, text) = said(&world, &["audit"]);
        assert_eq!(code, Some(0), "{what}: {text}");
        assert_eq!(world.get("/healthz").0, 200, "{what}");
        assert_eq!(fake.server.ended(), 1, "{what}: one session of the daemon; that of audit ended");
        assert_eq!(subjects(&world).len(), 2, "{what}");
    }
}

#[test]
fn t112_a_password_beyond_ascii_goes_by_plain_or_by_a_literal() {
    for (capabilities, way) in
        [("AUTH=PLAIN", "AUTHENTICATE PLAIN"), ("X", "{24}"), ("LOGINDISABLED", "PLAIN")]
    {
        let fake = FakeMailbox::start(move |_, tag, command| match command {
            "CAPABILITY" => can(tag, capabilities),
            "AUTHENTICATE PLAIN" => Some("+ \r\n".to_owned()),
            // RFC 9051, section 4.3: a quoted string is ASCII.
            c if c.starts_with("LOGIN \"") && !c.is_ascii() => Some(format!("{tag} BAD 8 bit\r\n")),
            _ => None,
        });
        let mut world = fake.desk("");
        fs::write(world.dir.join("password"), "p\u{e4}ssw\u{f6}rt \u{1f511} \u{df}\"\\\n")
            .expect("a password");
        world.start();
        let heard = fake.server.heard();
        let plain = data_encoding::BASE64
            .encode(format!("\0{}\0p\u{e4}ssw\u{f6}rt \u{1f511} \u{df}\"\\", world.desk).as_bytes());
        let literal = "p\u{e4}ssw\u{f6}rt \u{1f511} \u{df}\"\\";
        let by_plain = heard.contains("AUTHENTICATE PLAIN") && heard.contains(&plain);
        assert_eq!(by_plain, capabilities != "X", "{way}: {heard}");
        assert_eq!(heard.contains(literal), capabilities == "X", "{way}: {heard}");
        fake.deliver(&world, "a");
        have_tickets(&world, way, &["a"]);
    }
}

#[test]
fn the_words_of_a_server_that_lets_nobody_in_reach_the_operator() {
    for (words, is_password) in [
        ("NO [ALERT] Too many simultaneous connections", false),
        ("NO [UNAVAILABLE] the directory is away", false),
        ("NO [INUSE] locked by another", false),
        ("NO [LIMIT] ten are enough", false),
        ("NO [AUTHENTICATIONFAILED] no such pair", true),
        ("NO they do not match", true),
        ("BYE [UNAVAILABLE] back at noon", false),
    ] {
        let fake = FakeMailbox::start(move |_, tag, command| {
            // A server that repeats what it heard: nobody else reads it (T83).
            let words = format!("{words} (secret)");
            let line = if words.starts_with("BYE") {
                format!("* {words}\r\n")
            } else {
                format!("{tag} {words}\r\n")
            };
            command.starts_with("LOGIN").then_some(line)
        });
        let mut world = fake.desk("");
        world.launch(&[]);
        let told = until(words, || {
            let (good, detail) = health(&world);
            (!good && detail.contains(words)).then_some(detail)
        });
        log_says(&world, words);
        assert_eq!(world.get("/healthz").0, 503, "{words}");
        let (code, text) = said(&world, &["check"]);
        assert!(code == Some(1) && text.contains(words), "{text}");
        for place in [told, text, fs::read_to_string(world.dir.join("log")).expect("the log")] {
            assert_eq!(place.contains("refuses the user and password"), is_password, "{words}: {place}");
            assert!(!place.contains("(secret)"), "{words}: {place}");
        }
    }
}

#[test]
fn the_words_of_a_server_that_works_reach_the_operator_too() {
    for (begin, words) in [
        ("SELECT", "OK [ALERT] the disk of the archive is old"),
        ("UID FETCH", "NO [INUSE] somebody else is in it"),
        ("LOGIN", "OK [LIMIT] nine of ten connections"),
        ("CAPABILITY", "OK [CONTACTADMIN] call us"),
    ] {
        let fake = FakeMailbox::start(move |folder, tag, command| {
            let opens = command.starts_with(begin) || command.replace("EXAMINE", "SELECT").starts_with(begin);
            opens.then(|| format!("* {words}\r\n{}", good(folder, tag, command)))
        });
        let world = started(&fake, "");
        fake.deliver(&world, "a");
        have_tickets(&world, words, &["a"]);
        is_told(&world, words, &[words]);
        log_says(&world, words);
        if begin != "UID FETCH" {
            let (code, text) = said(&world, &["check"]);
            assert!(text.contains(words), "{code:?} {text}");
        }
    }
}

/// The server is gone without a word: in IDLE, and in the middle of a command. Another connection is made,
/// and mail is taken in.
#[test]
fn a_connection_that_is_dead_is_given_up() {
    for dies_at in ["DONE", "IDLE", "SELECT", "UID FETCH"] {
        let fake = FakeMailbox::start(move |folder, tag, command| {
            // The end of IDLE has no tag, and so no word behind it.
            let now = if command.is_empty() { "DONE" } else { command };
            if folder.heard("LOGIN") == 1 && now.starts_with(dies_at) && !folder.mails.is_empty() {
                return Some("* OK nothing more comes\r\n".to_owned());
            }
            match now {
                "CAPABILITY" if ["DONE", "IDLE"].contains(&dies_at) => can(tag, "IDLE"),
                "IDLE" => Some("+ idling\r\n".to_owned()),
                _ => None,
            }
        });
        fake.folder().ahead_secs = 3_600;
        let mut world = fake.desk("");
        world.launch(&clock::quick());
        world.ready();
        fake.deliver(&world, "a");
        have_tickets(&world, dies_at, &["a"]);
        assert!(fake.folder().heard("LOGIN") >= 2, "{dies_at}: another connection");
        log_says(&world, "the server does not answer");
    }
}
