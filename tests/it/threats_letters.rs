//! THREATS.md, what leaves the house: repeats after an unknown outcome, smuggling, injection into fields,
//! envelopes and IMAP.

use crate::fake_imap::FakeImap;
use crate::letters::{Draft, Letter, Person, canary, person};
use crate::mailer::{Client, deliver};
use crate::sink::Caught;
use crate::stage::until;
use crate::world::{Setup, World};

fn caught_for(world: &World, address: &str) -> Vec<Caught> {
    let all = world.sink.as_ref().expect("a sink").caught();
    all.into_iter().filter(|c| c.to.iter().any(|a| a == address)).collect()
}

/// No reply after DATA: the same bytes once more, then the outcome is shown as unknown.
#[test]
fn t35_unknown_outcome_is_retried_once() {
    let world = World::with_sink();
    let (once, always) = (person("once"), person("always"));
    let sink = world.sink.as_ref().expect("a sink");
    let (a, b) = (once.address.clone(), always.address.clone());
    sink.rule(move |to, _, before| match (to == a && before == 0) || to == b {
        true => String::new(),
        false => "250 2.0.0 taken".to_owned(),
    });
    for who in [&once, &always] {
        world.send(&Draft::new(who, &world.desk, "x", "x"));
    }
    until("both second attempts", || {
        // By id: `outbox retry` alone would also push what was tried twice.
        for row in [&once, &always].iter().flat_map(|who| world.outbox_of(&who.address)) {
            if row["state"] == "unknown" && row["attempts"] == 1 {
                world.run(&["outbox", "retry", &row["id"].to_string()]);
            }
        }
        (caught_for(&world, &once.address).len() == 2 && caught_for(&world, &always.address).len() == 2)
            .then_some(())
    });
    let attempts = caught_for(&world, &once.address);
    assert_eq!(attempts[0].letter.raw, attempts[1].letter.raw, "the same bytes under the same Message-ID");
    until("the outcome to be shown as unknown after one retry", || {
        let tries = caught_for(&world, &always.address).len();
        let rows = world.outbox_of(&always.address);
        (tries == 2 && rows.iter().any(|r| r["state"] == "unknown")).then_some(())
    });
    world.settle();
    assert_eq!(caught_for(&world, &always.address).len(), 2, "not a third time by itself");
    assert_eq!(caught_for(&world, &once.address).len(), 2);
}

/// 4yz is tried again with the same bytes, 5yz about a recipient ends. (About anything else it is the relay's
/// fault, T113.)
#[test]
fn t35_deferred_letters_keep_their_bytes() {
    let world = World::with_sink();
    let (later, never) = (person("later"), person("never"));
    let sink = world.sink.as_ref().expect("a sink");
    let (a, b) = (later.address.clone(), never.address.clone());
    sink.rule(move |to, _, before| match to {
        _ if to == a && before < 2 => "451 4.2.1 come back later".to_owned(),
        _ if to == b => "550 5.1.1 never in this life".to_owned(),
        _ => "250 2.0.0 taken".to_owned(),
    });
    for who in [&later, &never] {
        world.send(&Draft::new(who, &world.desk, "x", "x"));
    }
    until("the words of the relay in outbox list", || {
        let says = |who: &Person, words: &str| {
            world.outbox_of(&who.address).iter().any(|r| r["reason"].to_string().contains(words))
        };
        (says(&later, "come back later") && says(&never, "never in this life")).then_some(())
    });
    until("the third attempt to be taken", || {
        for row in world.outbox_of(&later.address) {
            world.run(&["outbox", "retry", &row["id"].to_string()]);
        }
        (world.letters(&later.address).len() == 1).then_some(())
    });
    world.settle();
    let attempts = caught_for(&world, &later.address);
    assert!(attempts.iter().all(|c| c.letter.raw == attempts[0].letter.raw));
    assert_eq!(caught_for(&world, &never.address).len(), 1, "a refusal is final");
}

#[test]
fn t42_nothing_is_smuggled_out() {
    let world = World::with_sink();
    let alice = person("alice");
    let opened = world.open(&alice, "dots", "How?");
    let word = canary("SMUGGLED");
    // Bare CR and LF cannot travel by LMTP as they are, but they can inside base64.
    let body = format!(
        "{word} start\n.\nMAIL FROM:<x@evil.example>\nRCPT TO:<victim@evil.example>\nDATA\n\n{word}\r.\r\n\
         .\r{}\n",
        "x".repeat(3000)
    );
    let encoded = data_encoding::BASE64_MIME.encode(body.as_bytes());
    let mail = Draft::answer(&world.bob, &opened.notice, "");
    let mail = Draft { text: encoded, ..mail }
        .with("MIME-Version", "1.0")
        .with("Content-Type", "text/plain; charset=utf-8")
        .with("Content-Transfer-Encoding", "base64");
    world.send(&mail);
    world.letter(&alice, "the answer", |l| l.text().contains(&word));
    world.settle();
    let sink = world.sink.as_ref().expect("a sink");
    assert!(
        sink.commands().iter().all(|c| !c.contains("evil.example")),
        "a line of the body became a command"
    );
    for caught in sink.caught() {
        let raw = &caught.letter.raw;
        for line in raw.split_inclusive(|b| *b == b'\n') {
            assert!(line.ends_with(b"\r\n"), "a bare LF: {:?}", String::from_utf8_lossy(line));
            assert!(line.len() <= 1000, "a line of {} octets", line.len());
            assert!(
                !line[..line.len() - 2].contains(&b'\r'),
                "a bare CR: {:?}",
                String::from_utf8_lossy(line)
            );
        }
    }
}

const ALLOWED: [&str; 19] = [
    "auto-submitted",
    "content-disposition",
    "content-language",
    "content-transfer-encoding",
    "content-type",
    "date",
    "from",
    "in-reply-to",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "message-id",
    "mime-version",
    "precedence",
    "references",
    "reply-to",
    "subject",
    "to",
    "x-auto-response-suppress",
];

fn well_formed(letter: &Letter) {
    let mut seen = Vec::new();
    for (name, value) in letter.fields() {
        let name = name.to_lowercase();
        assert!(
            ALLOWED.contains(&name.as_str()) || name == "x-maildesk-loop",
            "a field {name:?} with {value:?}"
        );
        assert!(!seen.contains(&name), "{name} twice");
        assert!(!value.contains('\0'));
        seen.push(name);
    }
    for name in ["date", "from", "to", "subject", "message-id", "mime-version", "x-maildesk-loop"] {
        assert!(seen.iter().any(|s| s == name), "no {name}");
    }
}

#[test]
fn t43_no_field_is_injected() {
    let world = World::with_sink();
    // RFC 2047 §5: in a phrase `:` and `@` stand encoded; a From with them bare is quarantined.
    let crlf = "=?utf-8?q?a=0D=0ABcc=3A_victim=40evil.example=0D=0A=0D=0Ab?=";
    let hostile: [(&str, &str); 7] = [
        ("Subject", crlf),
        ("Subject", "=?utf-8?b?eA0KQmNjOiB2aWN0aW1AZXZpbC5leGFtcGxlDQo=?="),
        ("In-Reply-To", "<a=0D=0ABcc:victim@evil.example>"),
        ("References", "<x\u{0b}y@evil.example> <ok@evil.example>\r\n <\"a b\"@evil.example>"),
        ("X-Thing", "Bcc: victim@evil.example"),
        ("Reply-To", "=?utf-8?q?x=0D=0ABcc:_victim@evil.example?= <y@evil.example>"),
        ("Content-Type", "text/plain; charset=utf-8; name*=utf-8''a%0D%0ABcc:%20victim@evil.example"),
    ];
    let mut people = Vec::new();
    for (name, value) in hostile {
        let who = person("hostile");
        let mut mail = Draft::new(&who, &world.desk, "plain", "x");
        match name {
            "Subject" => mail.subject = value.to_owned(),
            _ => mail = mail.with(name, value),
        }
        mail.from = format!("{crlf} <{}>", who.address);
        world.send(&mail);
        people.push(who);
    }
    // A file whose name and type hold line ends, on its way to staff.
    let who = person("files");
    let word = canary("ATTACHED");
    let text = format!(
        "--b\r\nContent-Type: text/plain\r\n\r\n{word}\r\n--b\r\nContent-Type: application/x\r\n\
         Content-Disposition: attachment; filename*=utf-8''a%0D%0ABcc:%20victim@evil.example.txt\r\n\r\nx\r\n\
         --b--"
    );
    world.send(
        &Draft::new(&who, &world.desk, "files", &text).with("Content-Type", "multipart/mixed; boundary=b"),
    );
    people.push(who);
    for who in &people {
        world.letter(who, "the confirmation", |_| true);
    }
    let notice = world.letter(&world.bob, "the notification with the file", |l| l.text().contains(&word));
    world.send(&Draft::answer(&world.bob, &notice, "Thank you"));
    world.settle();
    for caught in world.sink.as_ref().expect("a sink").caught() {
        assert_eq!(caught.to.len(), 1, "exactly one recipient");
        assert!(!caught.to[0].contains("victim"));
        well_formed(&caught.letter);
        let lines = String::from_utf8_lossy(&caught.letter.raw).to_lowercase();
        assert!(!lines.lines().any(|l| l.starts_with("bcc:")), "a line of its own");
    }
}

#[test]
fn t44_line_ends_in_a_name_stop_nobody() {
    let world = World::with_sink();
    let mut people = Vec::new();
    for name in ["=?utf-8?q?a=0D=0Ab?=", "\"a\r\n b\"", "=?utf-8?b?DQoNCg==?=", "=?utf-8?q?=00=1B=E2=80=AE?="]
    {
        let who = person("named");
        let mail = Draft {
            from: format!("{name} <{}>", who.address),
            ..Draft::new(&who, &world.desk, "named", "x")
        };
        deliver(&mail.bytes(), &who.address, &world.desk);
        world.letter(&who, "the confirmation", |_| true);
        let notice = world.letter(&world.bob, "the notification", |l| l.everything().contains(&who.address));
        let word = canary("SENT");
        world.send(&Draft::answer(&world.bob, &notice, &word));
        world.letter(&who, "the answer", |l| l.text().contains(&word));
        people.push(who);
    }
    for caught in world.sink.as_ref().expect("a sink").caught() {
        well_formed(&caught.letter);
    }
}

#[test]
fn t45_no_address_becomes_a_command() {
    let world = World::with_sink();
    let hostile = [
        "\"a\\\r\n RCPT TO:<victim@evil.example>\"@x.example",
        "\"a>\\\" RCPT TO:<victim@evil.example\"@x.example",
        "<a@x.example> SIZE=1 <victim@evil.example>",
        "=?utf-8?q?a=40x.example=3E=0D=0ARCPT_TO=3A=3Cvictim=40evil.example?=@x.example",
        "a b@x.example",
        "a\tNOTIFY=SUCCESS@x.example",
        "-oQ/tmp@x.example",
        "@evil.example:victim@x.example",
    ];
    for from in hostile {
        let mail = Draft { from: from.to_owned(), ..Draft::new(&person("x"), &world.desk, "hostile", "x") };
        deliver(&mail.bytes(), "envelope@customer.example", &world.desk);
    }
    world.settle();
    let plain = |address: &str| {
        let ok = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.@".contains(c);
        address.matches('@').count() <= 1 && address.chars().all(ok)
    };
    for command in world.sink.as_ref().expect("a sink").commands() {
        let upper = command.to_uppercase();
        if let Some(rest) = upper.strip_prefix("RCPT TO:<").or_else(|| upper.strip_prefix("MAIL FROM:<")) {
            let (address, parameters) = rest.split_once('>').expect("a closed path");
            assert!(plain(address), "the envelope address of {command:?}");
            assert!(parameters.is_empty() || parameters.starts_with(' '), "{command:?}");
            assert!(
                !address.contains("EVIL.EXAMPLE") || upper.starts_with("RCPT TO:<VICTIM@X"),
                "{command:?}"
            );
        }
    }
}

#[test]
fn t46_no_folder_name_becomes_a_command() {
    // A real folder whose name has what must be quoted.
    let name = r#"Desk \"A\" (1)"#;
    let world = World::with(Setup { folder: Some(format!("\"{name}\"")), ..Setup::default() });
    let mut client = Client::login(&world.desk);
    client.run(&format!("CREATE \"{name}\""));
    let mut world = world.started();
    let alice = person("alice");
    client.append(
        &format!("\"{name}\""),
        None,
        &Draft::new(&alice, &world.desk, "in an odd folder", "x").bytes(),
    );
    world.letter(&alice, "the confirmation of a mail in the odd folder", |_| true);
    assert_eq!(world.stop(), Some(0));
    // A name with a line end in it: refused as a configuration, or sent in a way in which it stays a name.
    let fake = FakeImap::start("* OK hello\r\n", |_, _| None);
    let folder = Some(r#""a\"\r\nB DELETE INBOX""#.to_owned());
    let mut world = World::with(Setup { imap: Some((fake.port, "none")), folder, ..Setup::default() });
    world.launch(&[]);
    until("a refusal, or a selected folder", || {
        (!world.alive() || fake.heard().contains("SELECT") || fake.heard().contains("EXAMINE")).then_some(())
    });
    if !world.alive() {
        assert_eq!(world.ended(), Some(78));
    }
    let heard = fake.heard();
    for (i, _) in heard.match_indices("B DELETE INBOX") {
        let before = heard[..i].trim_end_matches(['\r', '\n', '"', 'a']);
        assert!(before.ends_with('}'), "the folder's name became a command: {heard:?}");
    }
}
