//! A scripted relay: speaks SMTP in clear on loopback, keeps every command and every byte, and answers as the
//! test wants. It takes a bare LF for a line end, so that smuggled mails would show as mails of their own.

use crate::letters::Letter;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Answer to DATA for (recipient, raw bytes, attempts so far for this recipient); empty: the connection is
/// cut without one.
type Rule = Box<dyn Fn(&str, &[u8], usize) -> String + Send>;

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
}

impl Sink {
    pub fn start() -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port for the sink");
        let port = listener.local_addr().expect("its address").port();
        let rule: Rule = Box::new(|_, _, _| "250 2.0.0 taken".to_owned());
        let inner =
            Arc::new(Inner { commands: Mutex::default(), caught: Mutex::default(), rule: Mutex::new(rule) });
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
        let mut say = |line: &str| out.write_all(format!("{line}\r\n").as_bytes()).is_ok();
        if !say("220 sink.example ESMTP") {
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
            let answer = if upper.starts_with("EHLO") {
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

    fn take(&self, to: Vec<String>, raw: Vec<u8>) -> String {
        let first = to.first().cloned().unwrap_or_default();
        let mut caught = self.caught.lock().expect("caught");
        let before = caught.iter().filter(|c| c.to.first() == Some(&first)).count();
        let answer = self.rule.lock().expect("rule")(&first, &raw, before);
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
