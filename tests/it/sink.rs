//! A scripted relay: speaks SMTP in clear on loopback, keeps every command and every byte, and answers as the
//! test wants. It takes a bare LF for a line end, so that smuggled mails would show as mails of their own.

use crate::letters::Letter;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// Answer to DATA for (recipient, raw bytes, attempts so far for this recipient); empty: the connection is
/// cut without one.
type Rule = Box<dyn Fn(&str, &[u8], usize) -> String + Send>;

/// Answer to a command, or to `CONNECT`, of the n-th connection; none: the usual one; empty: the
/// connection is
/// cut. A `\u{0}` at its end cuts the connection behind it.
type Script = Box<dyn Fn(&str, usize) -> Option<String> + Send>;

#[derive(Clone)]
pub struct Caught {
    pub to: Vec<String>,
    pub letter: Letter,
    pub accepted: bool,
}

pub struct Sink {
    pub port: u16,
    inner: Arc<Inner>,
}

struct Inner {
    commands: Mutex<Vec<String>>,
    caught: Mutex<Vec<Caught>>,
    rule: Mutex<Rule>,
    script: Mutex<Script>,
    connections: Mutex<usize>,
    keep_bytes: AtomicUsize,
}

impl Sink {
    pub fn start() -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port for the sink");
        let port = listener.local_addr().expect("its address").port();
        let rule: Rule = Box::new(|_, _, _| "250 2.0.0 taken".to_owned());
        let inner = Arc::new(Inner {
            commands: Mutex::default(),
            caught: Mutex::default(),
            rule: Mutex::new(rule),
            script: Mutex::new(Box::new(|_, _| None)),
            connections: Mutex::default(),
            keep_bytes: AtomicUsize::new(usize::MAX),
        });
        let own = inner.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let own = own.clone();
                thread::spawn(move || own.session(stream));
            }
        });
        Sink { port, inner }
    }

    pub fn rule(&self, rule: impl Fn(&str, &[u8], usize) -> String + Send + 'static) {
        *self.inner.rule.lock().expect("rule") = Box::new(rule);
    }

    /// What it answers to commands from now on.
    pub fn script(&self, script: impl Fn(&str, usize) -> Option<String> + Send + 'static) {
        *self.inner.script.lock().expect("script") = Box::new(script);
    }

    /// Keeps so many octets of each mail from now on.
    pub fn keep(&self, bytes: usize) {
        self.inner.keep_bytes.store(bytes, Ordering::Relaxed);
    }

    /// Every mail whose DATA was finished, accepted or not.
    pub fn caught(&self) -> Vec<Caught> {
        self.inner.caught.lock().expect("caught").clone()
    }

    pub fn commands(&self) -> Vec<String> {
        self.inner.commands.lock().expect("commands").clone()
    }

    pub fn letters(&self, to: &str) -> Vec<Letter> {
        let mine = |c: &Caught| c.accepted && c.to.iter().any(|a| a.eq_ignore_ascii_case(to));
        self.caught().into_iter().filter(mine).map(|c| c.letter).collect()
    }
}

impl Inner {
    fn session(&self, stream: TcpStream) {
        let Ok(mut out) = stream.try_clone() else {
            return;
        };
        let mut reader = BufReader::new(stream);
        let mut to: Vec<String> = Vec::new();
        let mut say = |line: &str| {
            let (line, goes_on) = match line.strip_suffix('\0') {
                Some(line) => (line, false),
                None => (line, true),
            };
            out.write_all(format!("{line}\r\n").as_bytes()).is_ok() && goes_on
        };
        let connection = {
            let mut all = self.connections.lock().expect("connections");
            *all += 1;
            *all
        };
        let scripted = |line: &str| self.script.lock().expect("script")(line, connection);
        let greeting = scripted("CONNECT").unwrap_or_else(|| "220 sink.example ESMTP".to_owned());
        if greeting.is_empty() || !say(&greeting) {
            return;
        }
        loop {
            let mut line = Vec::new();
            if !matches!(reader.read_until(b'\n', &mut line), Ok(1..)) {
                return;
            }
            let line = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
            self.commands.lock().expect("commands").push(line.clone());
            let upper = line.to_uppercase();
            let mut special = scripted(&line);
            // It keeps its answer to itself until the script is another one.
            while special.as_deref() == Some("WAIT") {
                thread::sleep(std::time::Duration::from_millis(25));
                special = scripted(&line);
            }
            let answer = if let Some(answer) = special.filter(|a| !a.starts_with("354")) {
                if answer.is_empty() {
                    return;
                }
                answer
            } else if upper.starts_with("EHLO") {
                "250-sink.example\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 100000000".to_owned()
            } else if upper.starts_with("RCPT TO:") {
                to.push(line.split(['<', '>']).nth(1).unwrap_or_default().to_owned());
                "250 2.1.5 ok".to_owned()
            } else if upper == "DATA" {
                if !say("354 go ahead") {
                    return;
                }
                let Some(raw) = data(&mut reader) else { return };
                let answer = self.take(std::mem::take(&mut to), raw);
                if answer.is_empty() {
                    return;
                }
                answer
            } else if upper == "QUIT" {
                say("221 bye");
                return;
            } else {
                if upper.starts_with("RSET") || upper.starts_with("MAIL") {
                    to.clear();
                }
                "250 2.0.0 ok".to_owned()
            };
            if !say(&answer) {
                return;
            }
        }
    }

    fn take(&self, to: Vec<String>, mut raw: Vec<u8>) -> String {
        let first = to.first().cloned().unwrap_or_default();
        let mut caught = self.caught.lock().expect("caught");
        let before = caught.iter().filter(|c| c.to.first() == Some(&first)).count();
        let answer = self.rule.lock().expect("rule")(&first, &raw, before);
        raw.truncate(self.keep_bytes.load(Ordering::Relaxed));
        raw.shrink_to_fit();
        caught.push(Caught { to, letter: Letter { raw }, accepted: answer.starts_with('2') });
        answer
    }
}

/// The bytes of one mail, dots unstuffed; a line that is a dot alone ends it, whatever line end it has.
fn data(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut raw = Vec::new();
    loop {
        let mut line = Vec::new();
        if !matches!(reader.read_until(b'\n', &mut line), Ok(1..)) {
            return None;
        }
        match line.as_slice() {
            b".\r\n" | b".\n" => return Some(raw),
            [b'.', rest @ ..] => raw.extend_from_slice(rest),
            whole => raw.extend_from_slice(whole),
        }
    }
}
