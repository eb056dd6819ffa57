//! What the tests ask of a desk: its command line, its pages, its letters, and the few moves that every
//! journey is made of.

use crate::letters::{Draft, Letter, Person, person};
use crate::mailer::deliver;
use crate::stage::{stage, until};
use crate::world::{PROGRAM, World};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

impl World {
    pub fn program(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg("--config").arg(&self.config);
        for name in ["MAILDESK_CONFIG", "MAILDESK_STOP_AT", "NOTIFY_SOCKET", "RUST_LOG", "NO_COLOR"] {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.program().args(args).stdin(Stdio::null()).output().expect("the program starts")
    }

    pub fn json(&self, args: &[&str]) -> Value {
        let out = self.run(&[args, &["--json"]].concat());
        assert_eq!(out.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
        serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{args:?} printed no JSON: {e}"))
    }

    /// Takes a mail in by `deliver`, with no mail server between.
    pub fn pipe(&self, draft: &Draft) {
        let mut child =
            self.program().arg("deliver").stdin(Stdio::piped()).spawn().expect("the program starts");
        child.stdin.take().expect("a pipe").write_all(&draft.bytes()).expect("the mail is read");
        assert!(child.wait().expect("the program ends").success());
    }

    pub fn list(&self, args: &[&str]) -> Vec<Value> {
        self.json(args).as_array().cloned().expect("an array")
    }

    pub fn tickets(&self) -> Vec<Value> {
        self.list(&["ticket", "list"])
    }

    pub fn tickets_of(&self, who: &Person) -> Vec<Value> {
        self.tickets().into_iter().filter(|t| t["requester"]["address"] == who.address.as_str()).collect()
    }

    pub fn ticket(&self, number: i64) -> Value {
        self.json(&["ticket", "show", &number.to_string()])
    }

    pub fn status_of(&self, number: i64) -> String {
        self.ticket(number)["status"].as_str().unwrap_or_default().to_owned()
    }

    /// The words of all messages of a kind.
    pub fn words(&self, number: i64, kind: &str) -> String {
        let ticket = self.ticket(number);
        let messages = ticket["messages"].as_array().cloned().unwrap_or_default();
        messages
            .iter()
            .filter(|m| m["kind"] == kind)
            .filter_map(|m| m["text"].as_str())
            .collect::<Vec<_>>()
            .join("\n")
    }

    pub fn outbox_of(&self, address: &str) -> Vec<Value> {
        self.list(&["outbox", "list"]).into_iter().filter(|r| r["to"] == address).collect()
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        get(self.web, path)
    }

    pub fn audit_is_clean(&self) {
        until("audit to be clean", || (self.run(&["audit"]).status.code() == Some(0)).then_some(()));
    }

    // ---- mail

    /// Into the desk's mailbox, as if its sender's server had brought it.
    pub fn send(&self, draft: &Draft) {
        let from = draft.from.rsplit_once('<').map_or("", |(_, a)| a.trim_end_matches('>'));
        deliver(&draft.bytes(), from, &draft.to);
    }

    pub fn letters(&self, address: &str) -> Vec<Letter> {
        match &self.sink {
            Some(sink) => sink.letters(address),
            None => stage().dovecot.mails(address, "INBOX").into_iter().map(|raw| Letter { raw }).collect(),
        }
    }

    pub fn letter(&self, to: &Person, what: &str, is: impl Fn(&Letter) -> bool) -> Letter {
        until(&format!("{what} at {}", to.address), || {
            self.letters(&to.address).into_iter().rev().find(|l| is(l))
        })
    }

    /// A new ticket: its mail, its confirmation, its notification to Bob.
    pub fn open(&self, who: &Person, subject: &str, text: &str) -> Opened {
        let mail = Draft::new(who, &self.desk, subject, text);
        self.send(&mail);
        let confirmation = self
            .letter(who, "the confirmation", |l| l.field("In-Reply-To").as_deref() == Some(mail.id.as_str()));
        let number = confirmation.ticket().expect("a token at the end of the subject");
        let notice = self.letter(&self.bob, "the notification", |l| l.ticket() == Some(number));
        Opened { number, confirmation, notice }
    }

    /// Proof of absence without a guess at a time: mails of one mailbox are decided in their order, so when a
    /// later one is confirmed, every earlier one was; what it caused has then left the outbox, and a second
    /// round covers the way.
    pub fn settle(&self) {
        for _ in 0..2 {
            let fence = person("fence");
            self.send(&Draft::new(&fence, &self.desk, "a fence", "a fence"));
            self.letter(&fence, "the confirmation of a later mail", |_| true);
            until("the outbox to be empty but for failures", || {
                let waits = |row: &Value| matches!(row["state"].as_str(), Some("queued" | "claimed"));
                (!self.list(&["outbox", "list"]).iter().any(waits)).then_some(())
            });
        }
    }
}

pub struct Opened {
    pub number: i64,
    pub confirmation: Letter,
    pub notice: Letter,
}

/// Status and body; 0 where nobody answers.
pub fn get(port: u16, path: &str) -> (u16, String) {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    let answer = ask().unwrap_or_default();
    let status = answer.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map(|(_, b)| b.to_owned()).unwrap_or_default();
    (status, body)
}
