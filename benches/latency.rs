//! From the IMAP server's word that a mail is there (EXISTS) to the confirmation accepted by the relay, on an
//! idle desk; beside it what the disk and the relay take alone: one fsync and one SMTP transaction. `LETTERS`
//! (50) mails, one after the other.
//!
//! Dovecot itself waits about half a second before it says EXISTS; a port between it and the daemon notes
//! when it does.
// The outside tests use all of their modules, a benchmark some; the servers end with this process (see
// `stage`).
#![allow(dead_code, clippy::zombie_processes)]

mod common;
#[path = "../tests/it/desk.rs"]
#[allow(dead_code, unused_imports)]
mod desk;
#[path = "../tests/it/dns.rs"]
mod dns;
#[path = "../tests/it/dovecot.rs"]
mod dovecot;
#[path = "../tests/it/letters.rs"]
mod letters;
#[path = "../tests/it/mailer.rs"]
mod mailer;
#[path = "../tests/it/postfix.rs"]
mod postfix;
#[path = "../tests/it/sink.rs"]
mod sink;
#[path = "../tests/it/stage.rs"]
mod stage;
#[path = "../tests/it/world.rs"]
mod world;

use common::{median, ms, size};
use letters::{Draft, person};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use world::{Setup, World};

/// When the relay had the first letter to an address whole.
type Accepted = Arc<Mutex<HashMap<String, Instant>>>;

fn main() {
    let mails = size("LETTERS", 50, 5);
    common::heading(&format!("latency of {mails} mails, one after the other"));
    let sink = sink::Sink::start();
    let port = sink.port;
    let accepted = Accepted::default();
    let notes = accepted.clone();
    sink.rule(move |to, _, _| {
        notes.lock().expect("notes").entry(to.to_owned()).or_insert_with(Instant::now);
        "250 2.0.0 taken".to_owned()
    });
    let (imap, news) = watch();
    let setup = Setup {
        imap: Some((imap, "none")),
        smtp: Some((port, "none")),
        sink: Some(sink),
        // Letters in an hour are limited; a longer run must not meet the limit.
        end: "[limits]\nletters_per_desk_hour = 100000\n".to_owned(),
        ..Setup::default()
    };
    let world = World::with(setup).started();
    // The first one warms everything up: connections, statements, caches.
    one(&world, &news, &accepted);
    let took: Vec<f64> = (0..mails).map(|_| one(&world, &news, &accepted)).collect();

    let letter =
        world.sink.as_ref().and_then(|s| s.caught().into_iter().next()).expect("a letter").letter.raw;
    let fsync = median(&common::fsyncs(&world.dir, mails)) * 1000.0;
    let smtp = median(&transactions(port, &letter, mails));
    let (whole, floor) = (median(&took), fsync + smtp);
    let (least, most) = took.iter().fold((f64::MAX, 0.0f64), |(a, b), v| (a.min(*v), b.max(*v)));
    println!("EXISTS to confirmation accepted: median {whole:.2} ms ({least:.2} to {most:.2})");
    println!("one fsync {fsync:.2} ms + one SMTP transaction {smtp:.2} ms = {floor:.2} ms");
    println!("ratio {:.2}", whole / floor);
}

/// Delivers one mail; milliseconds from EXISTS to its confirmation.
fn one(world: &World, news: &Receiver<Instant>, accepted: &Accepted) -> f64 {
    // What is left of the mail before: nobody works while this one comes.
    thread::sleep(Duration::from_millis(50));
    while news.try_recv().is_ok() {}
    let who = person("latency");
    world.send(&Draft::new(
        &who,
        &world.desk,
        "The printer does not print",
        "It says: out of ink. It is not.\n\nYours",
    ));
    let exists = match news.recv_timeout(Duration::from_secs(30)) {
        Ok(at) => at,
        Err(RecvTimeoutError::Timeout) => panic!("Dovecot told nothing within 30 s"),
        Err(RecvTimeoutError::Disconnected) => panic!("nobody watches the mailbox any more"),
    };
    let end = stage::until("the confirmation", || accepted.lock().expect("notes").get(&who.address).copied());
    ms(end.saturating_duration_since(exists))
}

/// A port that hands everything on to Dovecot and back, and tells when EXISTS passes: the daemon's own, not
/// that of a second client, whom Dovecot tells up to half a second earlier or later.
fn watch() -> (u16, Receiver<Instant>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let (tell, news) = channel();
    thread::spawn(move || {
        for mut near in listener.incoming().flatten() {
            let mut far =
                TcpStream::connect(("127.0.0.1", stage::stage().dovecot.imap)).expect("Dovecot listens");
            near.set_nodelay(true).and_then(|()| far.set_nodelay(true)).expect("no delay");
            let (mut up, mut down) = (near.try_clone().expect("a clone"), far.try_clone().expect("a clone"));
            let tell = tell.clone();
            thread::spawn(move || {
                let _ = std::io::copy(&mut up, &mut far);
                let _ = far.shutdown(Shutdown::Both);
            });
            thread::spawn(move || {
                let mut bytes = [0; 16_384];
                while let Ok(n @ 1..) = down.read(&mut bytes) {
                    let at = Instant::now();
                    let told = bytes[..n].windows(8).any(|w| w == b" EXISTS\r");
                    if near.write_all(&bytes[..n]).is_err() || (told && tell.send(at).is_err()) {
                        return;
                    }
                }
                let _ = near.shutdown(Shutdown::Both);
            });
        }
    });
    (port, news)
}

/// Milliseconds of each of `times` transactions (RFC 5321 §3.3) on one connection.
fn transactions(port: u16, letter: &[u8], times: usize) -> Vec<f64> {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the sink listens");
    stream.set_nodelay(true).expect("no delay");
    let mut reader = BufReader::new(stream);
    let mut reply = String::new();
    reader.read_line(&mut reply).expect("a greeting");
    let mut order = |bytes: &[u8]| {
        reader.get_mut().write_all(bytes).expect("the sink takes a line");
        reply.clear();
        reader.read_line(&mut reply).expect("the sink answers");
        assert!(reply.starts_with(['2', '3']), "{reply}");
    };
    // HELO has an answer of one line.
    order(b"HELO bench.example\r\n");
    // No line of it begins with a dot: the daemon's letters are encoded.
    let body = [letter, b"\r\n.\r\n"].concat();
    let mut one = || {
        let start = Instant::now();
        order(b"MAIL FROM:<a@bench.example>\r\n");
        order(b"RCPT TO:<b@bench.example>\r\n");
        order(b"DATA\r\n");
        order(&body);
        ms(start.elapsed())
    };
    (0..times).map(|_| one()).collect()
}
