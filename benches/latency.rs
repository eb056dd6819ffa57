//! From the IMAP server's word that a mail is there (EXISTS) to the confirmation accepted by the relay, on an idle desk; beside it
//! what the disk and the relay take alone: one fsync and one SMTP transaction. `MAILS` (50) mails, one after the other.
//!
//! Dovecot itself waits about half a second before it says EXISTS. A second client that idles on the same mailbox hears it.
#![allow(dead_code)]

mod common;
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
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use world::{Setup, World};

/// When the relay had the first letter to an address whole.
type Accepted = Arc<Mutex<HashMap<String, Instant>>>;

fn main() {
    let mails = size("MAILS", 50, 5);
    common::heading(&format!("latency of {mails} mails, one after the other"));
    let sink = sink::Sink::start();
    let port = sink.port;
    let accepted = Accepted::default();
    let notes = accepted.clone();
    sink.rule(move |to, _, _| {
        notes.lock().expect("notes").entry(to.to_owned()).or_insert_with(Instant::now);
        "250 2.0.0 taken".to_owned()
    });
    let setup = Setup {
        imap: Some((stage::stage().dovecot.imap, "none")),
        smtp: Some((port, "none")),
        sink: Some(sink),
        // Letters in an hour are limited; a longer run must not meet the limit.
        end: "[limits]\nletters_per_desk_hour = 100000\n".to_owned(),
        ..Setup::default()
    };
    let world = World::with(setup).started();
    let news = watch(&world.desk);
    // The first one warms everything up: connections, statements, caches.
    one(&world, &news, &accepted);
    let took: Vec<f64> = (0..mails).map(|_| one(&world, &news, &accepted)).collect();

    let letter = world.sink.as_ref().and_then(|s| s.caught().into_iter().next()).expect("a letter").letter.raw;
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
    world.send(&Draft::new(&who, &world.desk, "The printer does not print", "It says: out of ink. It is not.\n\nYours"));
    let exists = match news.recv_timeout(Duration::from_secs(30)) {
        Ok(at) => at,
        Err(RecvTimeoutError::Timeout) => panic!("Dovecot told nothing within 30 s"),
        Err(RecvTimeoutError::Disconnected) => panic!("the connection that watches the mailbox was lost"),
    };
    let end = stage::until("the confirmation", || accepted.lock().expect("notes").get(&who.address).copied());
    // The daemon may hear of it a little earlier than the watcher.
    ms(end.saturating_duration_since(exists))
}

/// Idles on the INBOX of a user and tells when EXISTS comes.
fn watch(user: &str) -> Receiver<Instant> {
    let stream = TcpStream::connect(("127.0.0.1", stage::stage().dovecot.imap)).expect("Dovecot listens");
    stream.set_nodelay(true).expect("no delay");
    let mut reader = BufReader::new(stream);
    for command in [format!("a LOGIN {user} secret"), "b SELECT INBOX".to_owned(), "c IDLE".to_owned()] {
        reader.get_mut().write_all(format!("{command}\r\n").as_bytes()).expect("Dovecot takes a command");
        let tag = if command.ends_with("IDLE") { "+ ".to_owned() } else { command[..2].to_owned() };
        loop {
            let mut line = String::new();
            assert!(reader.read_line(&mut line).expect("Dovecot answers") > 0, "Dovecot hung up");
            if line.starts_with(&tag) {
                break;
            }
        }
    }
    let (tell, news) = channel();
    thread::spawn(move || {
        let mut line = String::new();
        while matches!(reader.read_line(&mut line), Ok(1..)) {
            if line.trim_end().ends_with(" EXISTS") && tell.send(Instant::now()).is_err() {
                return;
            }
            line.clear();
        }
    });
    news
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
