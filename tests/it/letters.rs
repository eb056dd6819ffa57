//! Mails as the tests write and read them.

use mail_parser::MessageParser;
use std::sync::atomic::{AtomicUsize, Ordering};

static COUNT: AtomicUsize = AtomicUsize::new(1);

pub fn number() -> usize {
    COUNT.fetch_add(1, Ordering::Relaxed)
}

/// A word that stands nowhere else.
pub fn canary(word: &str) -> String {
    format!("{word}{}Q", number() * 7919 + 100_003)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    pub address: String,
}

/// Somebody whom no desk has met, in a domain of their own.
pub fn person(local: &str) -> Person {
    let n = number();
    Person { name: format!("{local} Number{n}"), address: format!("{local}@customer{n}.example") }
}

/// A mail about to be sent.
#[derive(Clone)]
pub struct Draft {
    pub from: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub id: String,
    pub fields: Vec<(String, String)>,
}

impl Draft {
    pub fn new(from: &Person, to: &str, subject: &str, text: &str) -> Draft {
        Draft {
            from: format!("{} <{}>", from.name, from.address),
            to: to.to_owned(),
            subject: subject.to_owned(),
            text: text.to_owned(),
            id: format!("<{}@client.example>", canary("mail")),
            fields: Vec::new(),
        }
    }

    /// An answer as a mail client writes one: to Reply-To, with the ids, the quotation below.
    pub fn answer(from: &Person, letter: &Letter, text: &str) -> Draft {
        let quoted: String = letter.text().lines().map(|l| format!("> {l}\r\n")).collect();
        let subject = letter.subject();
        let subject = if subject.starts_with("Re:") { subject } else { format!("Re: {subject}") };
        let text = format!(
            "{text}\r\n\r\nOn Tue, 24 Nov 2026 at 10:00, {} wrote:\r\n{quoted}",
            letter.address("From")
        );
        let references = format!("{} {}", letter.field("References").unwrap_or_default(), letter.id());
        Draft::new(from, &letter.reply_to(), &subject, &text)
            .with("In-Reply-To", &letter.id())
            .with("References", references.trim())
    }

    pub fn with(mut self, name: &str, value: &str) -> Draft {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        let now = jiff::fmt::rfc2822::to_string(&jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC))
            .expect("a date");
        let Draft { from, to, subject, id, .. } = self;
        let mut out =
            format!("From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {now}\r\nMessage-ID: {id}\r\n");
        if !self.fields.iter().any(|(n, _)| n == "Content-Type") {
            out += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
                    Content-Transfer-Encoding: 8bit\r\n";
        }
        for (name, value) in &self.fields {
            out += &format!("{name}: {value}\r\n");
        }
        out += "\r\n";
        out += &self.text.replace("\r\n", "\n").replace('\n', "\r\n");
        out += "\r\n";
        out.into_bytes()
    }
}

/// A mail that arrived.
#[derive(Clone)]
pub struct Letter {
    pub raw: Vec<u8>,
}

impl Letter {
    /// Every header field in order, unfolded, by a reader of our own: the program's parser is no judge of its
    /// writer.
    pub fn fields(&self) -> Vec<(String, String)> {
        let text = String::from_utf8_lossy(&self.raw);
        let mut out: Vec<(String, String)> = Vec::new();
        for line in text.split('\n').map(|l| l.trim_end_matches('\r')) {
            if line.is_empty() {
                break;
            }
            match (line.starts_with([' ', '\t']), out.last_mut(), line.split_once(':')) {
                (true, Some(last), _) => last.1 += line,
                (_, _, Some((name, value))) => out.push((name.to_owned(), value.trim().to_owned())),
                _ => out.push((line.to_owned(), String::new())),
            }
        }
        out
    }

    pub fn field(&self, name: &str) -> Option<String> {
        self.fields().into_iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }

    /// The address in a field that has one.
    pub fn address(&self, name: &str) -> String {
        let value = self.field(name).unwrap_or_default();
        let inner = value.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(a, _)| a);
        inner.unwrap_or(&value).trim().to_owned()
    }

    pub fn reply_to(&self) -> String {
        match self.address("Reply-To") {
            none if none.is_empty() => self.address("From"),
            some => some,
        }
    }

    pub fn id(&self) -> String {
        self.field("Message-ID").unwrap_or_default()
    }

    pub fn subject(&self) -> String {
        let parsed = MessageParser::default().parse(&self.raw);
        parsed.and_then(|m| m.subject().map(str::to_owned)).unwrap_or_default()
    }

    /// The text/plain body, decoded.
    pub fn text(&self) -> String {
        let parsed = MessageParser::default().parse(&self.raw);
        parsed.and_then(|m| m.body_text(0).map(|t| t.into_owned())).unwrap_or_default()
    }

    /// Everything that a reader could find in it: bytes, decoded subject, decoded parts.
    pub fn everything(&self) -> String {
        let mut out = format!("{}\n{}\n", String::from_utf8_lossy(&self.raw), self.subject());
        if let Some(m) = MessageParser::default().parse(&self.raw) {
            for part in &m.parts {
                out += &String::from_utf8_lossy(part.contents());
                out.push('\n');
            }
        }
        out
    }

    /// What the desk sent, without what the servers on the way put above it: the part that a repeat must not
    /// change.
    pub fn sent_bytes(&self) -> &[u8] {
        let mut start = 0;
        let ours = |line: &[u8]| {
            let line = String::from_utf8_lossy(line).to_lowercase();
            let trace = ["return-path:", "delivered-to:", "received:", " ", "\t"];
            !trace.iter().any(|t| line.starts_with(t))
        };
        for line in self.raw.split_inclusive(|b| *b == b'\n') {
            if ours(line) {
                break;
            }
            start += line.len();
        }
        &self.raw[start..]
    }

    /// The number in `[DESK-12]` at the end of the subject.
    pub fn ticket(&self) -> Option<i64> {
        let subject = self.subject();
        let (_, rest) = subject.rsplit_once("[DESK-")?;
        rest.strip_suffix(']')?.parse().ok()
    }
}
