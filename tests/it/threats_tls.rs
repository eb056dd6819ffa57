//! THREATS.md, hostile servers: TLS that is taken away, words before TLS, wrong certificates, and IMAP that
//! means harm.

use crate::fake_imap::FakeImap;
use crate::letters::{Draft, person};
use crate::stage::{Authority, leaf_params, stage, until};
use crate::world::{Setup, World};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Whether what a server heard in clear holds the password in any form in which clients say it.
fn betrayed(world: &World, heard: &str) -> bool {
    let plain = data_encoding::BASE64.encode(format!("\0{}\0secret", world.desk).as_bytes());
    let word = data_encoding::BASE64.encode(b"secret");
    let upper = heard.to_uppercase();
    heard.contains("secret")
        || heard.contains(&plain)
        || heard.contains(&word)
        || upper.contains(" LOGIN ")
        || upper.contains("AUTHENTICATE")
}

/// A desk whose mailbox is the fake, until two conversations with it are over.
fn two_conversations(fake: &FakeImap, tls: &'static str) -> World {
    let mut world = World::with(Setup { imap: Some((fake.port, tls)), ..Setup::default() });
    world.launch(&[]);
    until("two conversations with the hostile server", || (fake.ended() >= 2).then_some(()));
    assert!(world.alive(), "a fault of a server ends no daemon");
    assert_eq!(world.get("/healthz").0, 503);
    world
}

/// What is wrong with a server stands in these words in the log, in `status` and in `check`.
fn is_named(world: &World, what: &str, words: &str) {
    let said = |command: &str| {
        let out = world.run(&[command]);
        assert_eq!(out.status.code(), Some(1), "{what}: {command} finds it");
        let all = [out.stdout, out.stderr].concat();
        // Lines are wrapped.
        String::from_utf8_lossy(&all).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let log = std::fs::read_to_string(world.dir.join("log")).expect("the log");
    let told = log.lines().any(|l| l.contains("\"WARN\"") && l.contains(words));
    assert!(told, "{what}: {words:?} is not in the log: {log}");
    for command in ["status", "check"] {
        let said = said(command);
        assert!(said.contains(words), "{what}: {words:?} is not in {command}: {said}");
    }
}

#[test]
fn t95_starttls_is_never_given_up() {
    // The last of each stands in the log, in `status` and in `check`.
    type Case = (&'static str, &'static str, &'static str, &'static str);
    let offers = "* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n";
    let none = "offers no STARTTLS";
    let cases: [Case; 6] = [
        ("PREAUTH", "* PREAUTH welcome\r\n", "OK go", "PREAUTH"),
        ("no capability", "* OK [CAPABILITY IMAP4rev1] hello\r\n", "BAD what is that", none),
        ("refused", offers, "NO not today", none),
        ("bad", offers, "BAD no", none),
        ("garbage instead of a handshake", offers, "OK go", "TLS"),
        ("bye", "* BYE go away\r\n", "BYE", "go away"),
    ];
    for (what, greeting, answer, words) in cases {
        let fake = FakeImap::start(greeting, move |tag, command| {
            match command.to_uppercase().as_str() {
                "STARTTLS" => Some(format!("{tag} {answer}\r\n").into_bytes()),
                "CAPABILITY" => None,
                // After its OK it never speaks TLS.
                _ => Some(b"* OK still in clear\r\n* OK still in clear\r\n".to_vec()),
            }
        });
        let world = two_conversations(&fake, "starttls");
        is_named(&world, what, words);
        assert!(!betrayed(&world, &fake.heard()), "{what}: {:?}", fake.heard());
    }
}

#[test]
fn t95_cleartext_only_to_loopback() {
    for section in ["imap", "smtp"] {
        let setup = match section {
            "imap" => Setup { imap: Some((143, "none")), ..Setup::default() },
            _ => Setup { smtp: Some((25, "none")), ..Setup::default() },
        };
        let world = World::with(setup);
        let port = if section == "imap" { "port = 143" } else { "port = 25\n" };
        world.edit(|text| {
            text.replace(
                &format!("host = \"127.0.0.1\"\n{port}"),
                &format!("host = \"mail.example\"\n{port}"),
            )
        });
        let out = world.run(&["ticket", "list"]);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(78), "{section}: {said}");
        assert!(said.contains("tls"), "it names the key: {said}");
    }
}

#[test]
fn t96_words_before_tls_do_not_count() {
    let fake = FakeImap::start("* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n", |tag, command| {
        let injected = "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n* 1 EXISTS\r\n";
        (command.to_uppercase() == "STARTTLS").then(|| format!("{tag} OK go\r\n{injected}").into_bytes())
    });
    let world = two_conversations(&fake, "starttls");
    let heard = fake.heard();
    assert!(!betrayed(&world, &heard), "{heard:?}");
    assert!(!heard.contains("\u{16}\u{3}"), "a handshake over a buffer that was not empty: {heard:?}");
}

/// A server with a certificate of our choice; counts handshakes that were over, and the bytes heard inside
/// TLS.
struct Impostor {
    port: u16,
    over: Arc<AtomicUsize>,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Impostor {
    fn start(cert: CertificateDer<'static>, key: PrivateKeyDer<'static>) -> Impostor {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![cert], key)
            .expect("a certificate");
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let impostor = Impostor {
            port: listener.local_addr().expect("address").port(),
            over: Arc::default(),
            heard: Arc::default(),
        };
        let (over, heard) = (impostor.over.clone(), impostor.heard.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = stream.set_read_timeout(Some(Duration::from_secs(15)));
                let session = rustls::ServerConnection::new(config.clone()).expect("a session");
                let mut tls = rustls::StreamOwned::new(session, stream);
                let mut bytes = [0; 1024];
                // Greets as either protocol would, so that a client that took the certificate goes on to
                // speak.
                let _ = tls.write_all(b"* OK 220 hello\r\n");
                if let Ok(n @ 1..) = tls.read(&mut bytes) {
                    heard.lock().expect("heard").extend_from_slice(&bytes[..n]);
                }
                over.fetch_add(1, Ordering::SeqCst);
            }
        });
        impostor
    }
}

/// Each with what must be said of it.
fn impostors() -> Vec<(&'static str, Impostor)> {
    let start = |cert: rcgen::Certificate, key: rcgen::KeyPair| {
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        Impostor::start(cert.der().clone(), key)
    };
    let ours = &stage().authority;
    let (cert, key) = ours.leaf(&["127.0.0.1"], true);
    let expired = start(cert, key);
    let (cert, key) = ours.leaf(&["imap.elsewhere.example"], false);
    let wrong_name = start(cert, key);
    let (cert, key) = Authority::new("another root").leaf(&["127.0.0.1"], false);
    let wrong_root = start(cert, key);
    let key = rcgen::KeyPair::generate().expect("a key");
    let alone = leaf_params(&["127.0.0.1"], false).self_signed(&key).expect("a certificate");
    let self_signed = start(alone, key);
    // As most programs make them: it may sign others.
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut params = leaf_params(&["127.0.0.1"], false);
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let own_root = start(params.self_signed(&key).expect("a certificate"), key);
    vec![
        ("certificate has expired", expired),
        ("certificate is for another name", wrong_name),
        ("certificate is signed by nobody whom this machine trusts", wrong_root),
        ("certificate is signed by itself", self_signed),
        ("certificate is signed by itself", own_root),
    ]
}

#[test]
fn t97_wrong_certificates_of_a_mailbox() {
    for (what, impostor) in impostors() {
        let mut world = World::with(Setup { imap: Some((impostor.port, "implicit")), ..Setup::default() });
        world.launch(&[]);
        until("a handshake to end", || (impostor.over.load(Ordering::SeqCst) >= 1).then_some(()));
        assert!(world.alive());
        assert_ne!(world.get("/healthz").0, 200);
        assert!(impostor.heard.lock().expect("heard").is_empty(), "{what}: the daemon spoke to an impostor");
        until("two handshakes to be over", || (impostor.over.load(Ordering::SeqCst) >= 2).then_some(()));
        is_named(&world, what, what);
    }
}

#[test]
fn t97_wrong_certificates_of_a_relay() {
    for (what, impostor) in impostors() {
        let world =
            World::with(Setup { smtp: Some((impostor.port, "implicit")), ..Setup::default() }).started();
        let alice = person("alice");
        world.send(&Draft::new(&alice, &world.desk, "x", "x"));
        until("the letter to wait, with a reason", || {
            let rows = world.outbox_of(&alice.address);
            rows.iter()
                .any(|r| r["state"] == "deferred" && r["reason"].as_str().is_some_and(|s| s.contains(what)))
                .then_some(())
        });
        is_named(&world, what, what);
        assert!(impostor.over.load(Ordering::SeqCst) >= 1);
        assert!(impostor.heard.lock().expect("heard").is_empty(), "{what}: the daemon spoke to an impostor");
    }
}

#[test]
fn t98_no_letter_without_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("address").port();
    let heard: Arc<Mutex<String>> = Arc::default();
    let ear = heard.clone();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(b"220 relay ESMTP\r\n");
            let mut reader = BufReader::new(stream.try_clone().expect("a copy"));
            let mut line = String::new();
            while matches!(reader.read_line(&mut line), Ok(1..)) {
                ear.lock().expect("heard").push_str(&line);
                // It offers passwords in clear, and no STARTTLS.
                let answer: &[u8] = match line.to_uppercase().as_str() {
                    l if l.starts_with("EHLO") => b"250-relay\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n",
                    l if l.starts_with("STARTTLS") => b"502 5.5.1 not here\r\n",
                    l if l.starts_with("QUIT") => b"221 bye\r\n",
                    _ => b"250 ok\r\n",
                };
                if stream.write_all(answer).is_err() {
                    break;
                }
                line.clear();
            }
        }
    });
    let mut world = World::with(Setup { smtp: Some((port, "starttls")), ..Setup::default() }).started();
    let alice = person("alice");
    world.send(&Draft::new(&alice, &world.desk, "x", "x"));
    until("the letter to wait, with a reason", || {
        let rows = world.outbox_of(&alice.address);
        rows.iter().any(|r| r["reason"].as_str().is_some_and(|s| !s.is_empty())).then_some(())
    });
    until("status to be bad", || (world.run(&["status"]).status.code() == Some(1)).then_some(()));
    is_named(&world, "a relay without TLS", "offers no STARTTLS");
    assert!(world.alive());
    let heard = heard.lock().expect("heard").clone();
    assert!(heard.to_uppercase().contains("EHLO"), "the relay was asked");
    for word in ["AUTH", "MAIL FROM", "RCPT", "DATA"] {
        assert!(!heard.to_uppercase().contains(word), "{word} in clear: {heard:?}");
    }
}

/// One hostile mailbox beside a good one: the good one is served, the daemon lives and stays small.
#[test]
fn t100_hostile_imap_servers() {
    type Answer = fn(&str) -> Vec<u8>;
    let cases: [(&str, Answer); 6] = [
        ("a literal of 4 GiB", |tag| {
            format!("* 1 FETCH (UID 1 RFC822.SIZE 10 BODY[] {{4294967295}}\r\nabc\r\n{tag} OK\r\n")
                .into_bytes()
        }),
        ("a range of all UIDs", |tag| {
            format!(
                "* SEARCH 1\r\n* VANISHED 1:4294967295\r\n\
                     * OK [COPYUID 1 1:4294967295 1:4294967295] x\r\n{tag} OK\r\n"
            )
            .into_bytes()
        }),
        ("a million words nobody asked for", |tag| {
            ["* OK nothing\r\n".repeat(1_000_000), format!("{tag} OK\r\n")].concat().into_bytes()
        }),
        ("many small literals", |tag| {
            let list = "{1}\r\nx ".repeat(100_000);
            format!("* 1 FETCH (UID 1 FLAGS ({list}))\r\n{tag} OK\r\n").into_bytes()
        }),
        ("lists in lists", |tag| {
            format!("* 1 FETCH (UID 1 BODYSTRUCTURE {})\r\n{tag} OK\r\n", "(".repeat(200_000)).into_bytes()
        }),
        ("mails nobody asked for", |tag| {
            let mail = "From: a@evil.example\r\nSubject: UNASKED\r\n\r\nx\r\n";
            let many: String = (5_000..5_050)
                .map(|u| {
                    format!("* {u} FETCH (UID {u} RFC822.SIZE 45 BODY[] {{{}}}\r\n{mail})\r\n", mail.len())
                })
                .collect();
            format!("{many}{tag} OK\r\n").into_bytes()
        }),
    ];
    for (what, answer) in cases {
        let fake = FakeImap::start("* OK hello\r\n", move |tag, command| {
            let upper = command.to_uppercase();
            // The first connect only counts what is there; new mail seems to come with every NOOP or poll.
            (upper.starts_with("UID FETCH") || upper.starts_with("UID SEARCH") || upper.starts_with("NOOP"))
                .then(|| answer(tag))
        });
        let hostile = format!(
            "start = \"all\"\n\n[[mailbox]]\nname = \"hostile\"\nhost = \"127.0.0.1\"\nport = {}\n\
             tls = \"none\"\nuser = \"h@x.example\"\npassword_file = \"password\"\npoll_seconds = 1\n\
             start = \"all\"\n",
            fake.port
        );
        let mut world = World::with(Setup { mailbox: hostile, ..Setup::default() });
        world.launch(&[]);
        until(&format!("{what}: the hostile server to be asked"), || {
            fake.heard().to_uppercase().contains("UID ").then_some(())
        });
        let mut asked = Vec::new();
        until(&format!("{what}: a confirmation through the good mailbox"), || {
            let who = person("good");
            world.send(&Draft::new(&who, &world.desk, "still there?", "?"));
            asked.push(who);
            thread::sleep(Duration::from_millis(500));
            asked.iter().any(|p| !world.letters(&p.address).is_empty()).then_some(())
        });
        assert!(world.alive(), "{what}");
        assert!(world.peak_mib() < 256, "{what}: {} MiB", world.peak_mib());
        assert!(world.tickets().iter().all(|t| t["subject"] != "UNASKED"), "{what}");
    }
}
