//! Intake against a scripted server: a mailbox in memory that answers as a test wants (T109 to T112).

use super::mailbox::{Mailbox, Pace};
use super::watch::watch_mailbox;
use crate::app::Desk;
use crate::app::testing::desk_with;
use crate::config::{Login, MailSource, MailboxConfig, Secret, Server, Tls};
use crate::desk::rules::Rules;
use crate::edge::dns::Names;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A mail on the server: UID, INTERNALDATE, octets.
#[derive(Clone)]
pub(super) struct Lying {
    pub(super) uid: u32,
    pub(super) date: String,
    pub(super) raw: String,
}

/// That of these tests.
pub(super) const QUICK: Pace = Pace {
    silence: Duration::from_millis(400),
    idle: Duration::from_millis(50),
    backoff: Duration::from_millis(5),
    backoff_max: Duration::from_millis(20),
    pause: Duration::from_millis(10),
};

/// The mailbox of the server.
pub(super) struct Folder {
    pub(super) mails: Vec<Lying>,
    pub(super) next: u32,
    pub(super) heard: Vec<String>,
    pub(super) logins: u32,
}

/// What the script answers to (tag, command); `None` leaves the polite answer, an empty one hangs up.
type Script = dyn Fn(&mut Folder, &str, &str) -> Option<String> + Send + Sync;

pub(super) struct Scripted {
    pub(super) folder: Arc<Mutex<Folder>>,
    pub(super) desk: Desk,
    stop: tokio::sync::watch::Sender<bool>,
    runtime: Option<tokio::runtime::Runtime>,
}

pub(super) fn mail(name: &str) -> String {
    format!(
        "From: {name}@far.example\r\nTo: support@desk.example\r\nMessage-ID: <{name}@far.example>\r\n\
         Subject: {name}\r\n\r\nWords of {name}.\r\n"
    )
}

impl Scripted {
    /// A desk whose mailbox lies on a server with this script; `done` is its folder for taken-in mail.
    pub(super) fn start(
        done: Option<&str>,
        script: impl Fn(&mut Folder, &str, &str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(done, QUICK, true, script)
    }

    /// The same at another pace.
    pub(super) fn start_with(
        done: Option<&str>,
        pace: Pace,
        start_all: bool,
        script: impl Fn(&mut Folder, &str, &str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let folder = Folder { mails: Vec::new(), next: 1, heard: Vec::new(), logins: 0 };
        let folder = Arc::new(Mutex::new(folder));
        let (script, own): (Arc<Script>, _) = (Arc::new(script), folder.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (script, folder) = (script.clone(), own.clone());
                std::thread::spawn(move || converse(&stream, &folder, &*script));
            }
        });
        // The clock of unit tests stands, so what is to be tried again comes at once, or never.
        let quick = |rules: &mut Rules| rules.bounds.awaited_again_secs = [0, 0, 0, 0, 60, 60, 60];
        let staff = [("bob", "bob@staff.example", [].as_slice())];
        let (config, desk) = desk_with(&staff, |_| {}, quick);
        let server = Server { host: "127.0.0.1".into(), port, tls: Tls::None, ca_file: None };
        let login = Login { user: "support".into(), password: Secret::new("pass") };
        let source = MailSource::Imap {
            server,
            login,
            folder: "INBOX".into(),
            done: done.map(str::to_owned),
            start_all,
        };
        let mailbox = MailboxConfig {
            name: "support".into(),
            source,
            poll_seconds: 1,
            plus_addressing: true,
            separator: '+',
            junk: None,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("tokio");
        let names = Arc::new(Names::new(None, runtime.handle().clone()));
        let mut mailbox = Mailbox::new(mailbox, config.limits, desk.clone(), names).expect("IMAP");
        mailbox.poll = Duration::from_millis(10);
        mailbox.pace = pace;
        let (stop, stopped) = tokio::sync::watch::channel(false);
        runtime.spawn(async move { watch_mailbox(&mailbox, stopped).await });
        Self { folder, desk, stop, runtime: Some(runtime) }
    }

    /// Mail comes; its UID.
    pub(super) fn deliver(&self, raw: String) -> u32 {
        let mut folder = self.folder.lock().expect("folder");
        let uid = folder.next;
        folder.next += 1;
        folder.mails.push(Lying { uid, date: format!("26-Nov-2026 08:00:{:02} +0000", uid % 60), raw });
        uid
    }

    /// Mail with this date is put into the folder; its UID.
    pub(super) fn put(&self, name: &str, date: &str) -> u32 {
        let uid = self.deliver(mail(name));
        self.folder.lock().expect("folder").mails.last_mut().expect("it").date = date.to_owned();
        uid
    }

    /// How many commands began with this.
    pub(super) fn heard(&self, begin: &str) -> usize {
        let folder = self.folder.lock().expect("folder");
        folder.heard.iter().filter(|c| c.starts_with(begin)).count()
    }

    /// The script finds this word among what was heard.
    pub(super) fn tell(&self, word: &str) {
        self.folder.lock().expect("folder").heard.push(word.to_owned());
    }

    /// How many tickets each subject has.
    pub(super) fn tickets(&self) -> HashMap<String, u32> {
        let mut out = HashMap::new();
        for ticket in self.desk.operator().tickets(None).expect("tickets") {
            *out.entry(ticket.ticket.subject).or_default() += 1;
        }
        out
    }

    /// Reasons of what is held.
    pub(super) fn held(&self) -> Vec<String> {
        self.desk.operator().held().expect("held").into_iter().map(|h| h.reason).collect()
    }

    /// What health says of the mailbox.
    pub(super) fn health(&self) -> (bool, String) {
        let all = self.desk.condition().parts();
        all.into_iter().find(|h| h.part == "mailbox:support").map(|h| (h.good, h.detail)).unwrap_or_default()
    }

    /// Waits until this is so.
    pub(super) fn until(&self, what: &str, is: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is(self) {
            let log = || {
                self.folder.lock().expect("folder").heard.iter().rev().take(12).cloned().collect::<Vec<_>>()
            };
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "{what}: {:?} {:?} {:?} {:?}",
                self.tickets(),
                self.held(),
                self.health(),
                log()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn converse(stream: &TcpStream, folder: &Mutex<Folder>, script: &Script) {
    let Ok(mut out) = stream.try_clone() else { return };
    if out.write_all(b"* OK hello\r\n").is_err() {
        return;
    }
    let mut lines = BufReader::new(stream).lines();
    let mut idle = String::new();
    while let Some(Ok(line)) = lines.next() {
        let (tag, command) = line.split_once(' ').unwrap_or((&idle, &line));
        let answer = {
            let mut folder = folder.lock().expect("folder");
            folder.heard.push(command.to_owned());
            folder.logins += u32::from(command.starts_with("LOGIN"));
            script(&mut folder, tag, command).unwrap_or_else(|| polite(&mut folder, tag, command))
        };
        if answer.is_empty() || out.write_all(answer.as_bytes()).is_err() {
            return;
        }
        idle = tag.to_owned();
    }
}

impl Folder {
    /// A test told this to its script.
    pub(super) fn was_told(&self, word: &str) -> bool {
        self.heard.iter().any(|c| c == word)
    }

    /// The same; the next time it was not.
    pub(super) fn is_told_once(&mut self, word: &str) -> bool {
        let told = self.was_told(word);
        self.heard.retain(|c| c != word);
        told
    }
}

/// The mails of a set such as `3:*` or `1,4`.
fn of_set(folder: &Folder, set: &str) -> Vec<(usize, Lying)> {
    let last = folder.mails.last().map_or(0, |m| m.uid);
    let inside = |uid: u32| {
        set.split(',').any(|part| {
            let (from, to) = part.split_once(':').unwrap_or((part, part));
            let number = |text: &str| if text == "*" { last } else { text.parse().unwrap_or(0) };
            let (from, to) = (number(from), number(to));
            (from.min(to)..=from.max(to)).contains(&uid)
        })
    };
    let all = folder.mails.iter().enumerate().filter(|(_, m)| inside(m.uid));
    all.map(|(n, m)| (n + 1, m.clone())).collect()
}

/// What a good server says.
pub(super) fn polite(folder: &mut Folder, tag: &str, command: &str) -> String {
    let word = |n: usize| command.split(' ').nth(n).unwrap_or_default().to_owned();
    let before = match word(0).as_str() {
        "CAPABILITY" => "* CAPABILITY IMAP4rev1 MOVE UIDPLUS\r\n".to_owned(),
        "SELECT" => format!(
            "* FLAGS (\\Seen)\r\n* {} EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT {}] ok\r\n",
            folder.mails.len(),
            folder.next
        ),
        "UID" if word(1) == "FETCH" => {
            let (mut out, part) = (String::new(), command.split_once("[]<").map(|(_, p)| p.to_owned()));
            for (n, m) in of_set(folder, &word(2)) {
                let (uid, size) = (m.uid, m.raw.len());
                out.push_str(&match (&part, command.contains("BODY.PEEK")) {
                    (Some(part), _) => {
                        let from = part.split('.').next().and_then(|f| f.parse().ok()).unwrap_or(0).min(size);
                        let rest = &m.raw[from..];
                        format!("* {n} FETCH (UID {uid} BODY[]<{from}> {{{}}}\r\n{rest})\r\n", rest.len())
                    }
                    (None, true) => format!("* {n} FETCH (UID {uid} BODY[] {{{size}}}\r\n{})\r\n", m.raw),
                    (None, false) => {
                        format!("* {n} FETCH (UID {uid} INTERNALDATE \"{}\" RFC822.SIZE {size})\r\n", m.date)
                    }
                });
            }
            out
        }
        "UID" if word(1) == "SEARCH" => {
            let found = of_set(folder, &word(3)).into_iter().map(|(_, m)| format!(" {}", m.uid));
            format!("* SEARCH{}\r\n", found.collect::<String>())
        }
        "UID" if word(1) == "MOVE" => {
            let moved: Vec<u32> = of_set(folder, &word(2)).into_iter().map(|(_, m)| m.uid).collect();
            folder.mails.retain(|m| !moved.contains(&m.uid));
            String::new()
        }
        _ => String::new(),
    };
    format!("{before}{tag} OK done\r\n")
}
