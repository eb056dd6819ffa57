//! A mailbox in memory behind the scripted IMAP server. It answers as a good server does, until the script of
//! a test answers itself.

use crate::fake_imap::FakeImap;
use crate::letters::{Draft, person};
use crate::sink::Sink;
use crate::stage::until;
use crate::world::{Setup, World};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// A mail on the server: UID, INTERNALDATE, octets.
#[derive(Clone)]
pub struct Lying {
    pub uid: u32,
    pub date: String,
    pub raw: String,
}

pub struct Folder {
    pub mails: Vec<Lying>,
    /// UIDNEXT.
    pub next: u32,
    /// Every command since the begin, without its tag.
    pub heard: Vec<String>,
    /// Names of the folders that were made.
    pub folders: Vec<String>,
    /// How far its clock is ahead of ours, in seconds.
    pub ahead_secs: i64,
}

impl Folder {
    /// Puts a mail into the folder; its UID.
    pub fn put(&mut self, raw: String) -> u32 {
        let uid = self.next;
        self.next += 1;
        let now = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(self.ahead_secs);
        let date = now.strftime("%d-%b-%Y %H:%M:%S +0000").to_string();
        self.mails.push(Lying { uid, date, raw });
        uid
    }

    /// How many commands began with this.
    pub fn heard(&self, begin: &str) -> usize {
        self.heard.iter().filter(|c| c.starts_with(begin)).count()
    }

    /// Whether a command asks for the bytes of this mail.
    pub fn is_asked(&self, command: &str, uid: u32) -> bool {
        command.starts_with("UID FETCH")
            && command.contains("BODY")
            && command.split(' ').nth(2).is_some_and(|set| set.split(',').any(|n| n == uid.to_string()))
    }
}

pub struct FakeMailbox {
    pub server: FakeImap,
    folder: Arc<Mutex<Folder>>,
}

impl FakeMailbox {
    /// `script`: what it answers to (tag, command); none: what a good server says; empty: it hangs up.
    pub fn start(
        script: impl Fn(&mut Folder, &str, &str) -> Option<String> + Send + Sync + 'static,
    ) -> FakeMailbox {
        let folder =
            Folder { mails: Vec::new(), next: 1, heard: Vec::new(), folders: Vec::new(), ahead_secs: 0 };
        let folder = Arc::new(Mutex::new(folder));
        let own = folder.clone();
        let server = FakeImap::start("* OK hello\r\n", move |tag, command| {
            let mut folder = own.lock().expect("folder");
            folder.heard.push(command.to_owned());
            let answer = script(&mut folder, tag, command);
            Some(answer.unwrap_or_else(|| good(&mut folder, tag, command)).into_bytes())
        });
        FakeMailbox { server, folder }
    }

    pub fn folder(&self) -> MutexGuard<'_, Folder> {
        self.folder.lock().expect("folder")
    }

    /// A desk whose mailbox is this one, without a daemon so far. `mailbox`: further lines of `[[mailbox]]`.
    pub fn desk(&self, mailbox: &str) -> World {
        let sink = Sink::start();
        World::with(Setup {
            imap: Some((self.server.port, "none")),
            smtp: Some((sink.port, "none")),
            sink: Some(sink),
            mailbox: mailbox.to_owned(),
            ..Setup::default()
        })
    }

    /// A mail of somebody new comes, with this word for its subject and its text; its UID.
    pub fn deliver(&self, world: &World, word: &str) -> u32 {
        self.folder().put(mail(world, word))
    }
}

/// A mail of somebody whom no desk has met.
pub fn mail(world: &World, word: &str) -> String {
    let draft = Draft::new(&person(word), &world.desk, word, &format!("Words of {word}."));
    String::from_utf8(draft.bytes()).expect("text")
}

/// How many tickets each subject has.
pub fn subjects(world: &World) -> HashMap<String, usize> {
    let mut out = HashMap::new();
    for ticket in world.tickets() {
        *out.entry(ticket["subject"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    out
}

/// Waits until each of these subjects has a ticket.
pub fn have_tickets(world: &World, what: &str, words: &[&str]) {
    until(what, || {
        let all = subjects(world);
        words.iter().all(|w| all.get(*w) == Some(&1)).then_some(())
    });
}

/// What `status` says of the mailbox: whether it is good, and its words.
pub fn health(world: &World) -> (bool, String) {
    let out = world.run(&["status", "--json"]);
    let status: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let parts = status["parts"].as_array().cloned().unwrap_or_default();
    let part = parts.into_iter().find(|p| p["part"] == "mailbox:support").unwrap_or_default();
    (part["good"] == true, part["detail"].as_str().unwrap_or_default().to_owned())
}

/// Waits until the mailbox is good, and `status` says all of this about it.
pub fn is_told(world: &World, what: &str, words: &[&str]) {
    until(&format!("{what}: {words:?} in status"), || {
        let (good, detail) = health(world);
        (good && words.iter().all(|w| detail.contains(w))).then_some(())
    });
}

/// The numbers and reasons of held mails.
pub fn held(world: &World) -> Vec<(i64, String)> {
    let row = |h: Value| (h["id"].as_i64().expect("a number"), h["reason"].as_str().unwrap_or("").to_owned());
    world.list(&["held", "list"]).into_iter().map(row).collect()
}

/// The mails of a set such as `3:*` or `1,4`, with their numbers in the folder.
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

/// What FETCH says of one mail: its bytes, a part of them (RFC 9051 §6.4.5), or what is known of it.
fn fetched(n: usize, m: &Lying, command: &str) -> String {
    let (uid, size) = (m.uid, m.raw.len());
    if let Some((_, part)) = command.split_once("[]<") {
        let numbers: Vec<usize> =
            part.split(['.', '>']).take(2).map(|n| n.parse().expect("a number")).collect();
        let from = numbers[0].min(size);
        let piece = &m.raw[from..size.min(from + numbers[1])];
        return format!("* {n} FETCH (UID {uid} BODY[]<{from}> {{{}}}\r\n{piece})\r\n", piece.len());
    }
    if command.contains("BODY.PEEK[]") {
        return format!("* {n} FETCH (UID {uid} BODY[] {{{size}}}\r\n{})\r\n", m.raw);
    }
    format!("* {n} FETCH (UID {uid} INTERNALDATE \"{}\" RFC822.SIZE {size})\r\n", m.date)
}

/// What a good server says.
pub fn good(folder: &mut Folder, tag: &str, command: &str) -> String {
    let word = |n: usize| command.split(' ').nth(n).unwrap_or_default().trim_matches('"').to_owned();
    let before = match (word(0).as_str(), word(1).as_str()) {
        ("CAPABILITY", _) => "* CAPABILITY IMAP4rev1 MOVE UIDPLUS\r\n".to_owned(),
        ("SELECT" | "EXAMINE", _) => format!(
            "* FLAGS (\\Seen)\r\n* {} EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT {}] ok\r\n",
            folder.mails.len(),
            folder.next
        ),
        ("LIST", _) if folder.folders.contains(&word(2)) => format!("* LIST () \"/\" \"{}\"\r\n", word(2)),
        ("CREATE", name) => {
            folder.folders.push(name.to_owned());
            String::new()
        }
        ("UID", "FETCH") => of_set(folder, &word(2)).iter().map(|(n, m)| fetched(*n, m, command)).collect(),
        ("UID", "SEARCH") => {
            let found = of_set(folder, &word(3)).into_iter().map(|(_, m)| format!(" {}", m.uid));
            format!("* SEARCH{}\r\n", found.collect::<String>())
        }
        ("UID", "MOVE") => {
            let moved: Vec<u32> = of_set(folder, &word(2)).into_iter().map(|(_, m)| m.uid).collect();
            folder.mails.retain(|m| !moved.contains(&m.uid));
            String::new()
        }
        ("LOGOUT", _) => "* BYE\r\n".to_owned(),
        _ => String::new(),
    };
    format!("{before}{tag} OK done\r\n")
}
