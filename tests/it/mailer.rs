//! How mail gets into the world: by LMTP straight into a mailbox, or as a mail client sends it, over STARTTLS
//! with AUTH; and a handful of IMAP commands for what only a client can do.

use crate::stage::stage;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

/// A conversation in lines, over whatever carries bytes.
struct Talk<S: Read + Write>(BufReader<S>);

impl<S: Read + Write> Talk<S> {
    fn say(&mut self, line: &str) {
        self.raw(format!("{line}\r\n").as_bytes());
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).expect("the server takes bytes");
        self.0.get_mut().flush().expect("flush");
    }

    fn line(&mut self) -> String {
        let mut line = Vec::new();
        self.0.read_until(b'\n', &mut line).expect("the server answers");
        assert!(!line.is_empty(), "the server hung up");
        String::from_utf8_lossy(&line).trim_end().to_owned()
    }

    /// RFC 5321 §4.2.1: the last line of a reply has a space after its code.
    fn reply(&mut self) -> String {
        loop {
            let line = self.line();
            if line.as_bytes().get(3) != Some(&b'-') {
                return line;
            }
        }
    }

    fn order(&mut self, line: &str, wanted: char) -> String {
        self.say(line);
        let reply = self.reply();
        assert!(reply.starts_with(wanted), "{line}: {reply}");
        reply
    }

    fn transaction(&mut self, sender: &str, recipient: &str, raw: &[u8]) {
        self.order(&format!("MAIL FROM:<{sender}>"), '2');
        self.order(&format!("RCPT TO:<{recipient}>"), '2');
        self.order("DATA", '3');
        self.raw(&stuffed(raw));
        let reply = self.reply();
        assert!(reply.starts_with('2'), "the mail of the test was refused: {reply}");
        self.say("QUIT");
    }
}

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a time-out");
    stream
}

/// RFC 5321 §4.5.2, and the final dot.
fn stuffed(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + 64);
    for line in raw.split_inclusive(|b| *b == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

/// By LMTP into the mailbox of `recipient`; an empty `sender` is the null reverse-path.
pub fn deliver(raw: &[u8], sender: &str, recipient: &str) {
    let mut talk = Talk(BufReader::new(connect(stage().dovecot.lmtp)));
    talk.reply();
    talk.order("LHLO tests.example", '2');
    talk.transaction(sender, recipient, raw);
}

/// As a mail client does: EHLO, STARTTLS, AUTH PLAIN, and the mail.
pub fn submit(raw: &[u8], sender: &str, recipient: &str) {
    let mut talk = Talk(BufReader::new(connect(stage().postfix.submission)));
    talk.reply();
    talk.order("EHLO client.example", '2');
    talk.order("STARTTLS", '2');
    let mut roots = rustls::RootCertStore::empty();
    roots.add(stage().authority.der()).expect("our own root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "localhost".try_into().expect("a name");
    let client = rustls::ClientConnection::new(Arc::new(config), name).expect("a client");
    let mut talk = Talk(BufReader::new(rustls::StreamOwned::new(client, talk.0.into_inner())));
    talk.order("EHLO client.example", '2');
    let login = data_encoding::BASE64.encode(format!("\0{sender}\0secret").as_bytes());
    talk.order(&format!("AUTH PLAIN {login}"), '2');
    talk.transaction(sender, recipient, raw);
}

/// A mail client at a mailbox.
pub struct Client(Talk<TcpStream>);

impl Client {
    pub fn login(user: &str) -> Client {
        let mut client = Client(Talk(BufReader::new(connect(stage().dovecot.imap))));
        client.0.line();
        client.run(&format!("LOGIN {user} secret"));
        client
    }

    /// One command; all lines of its answer.
    pub fn run(&mut self, command: &str) -> Vec<String> {
        self.0.say(&format!("a {command}"));
        self.finish(command)
    }

    /// Puts a mail into a folder, as if it had arrived at `date` (`24-Nov-2026 09:00:00 +0000`) or now.
    pub fn append(&mut self, folder: &str, date: Option<&str>, raw: &[u8]) {
        let date = date.map(|d| format!("\"{d}\" ")).unwrap_or_default();
        self.0.say(&format!("a APPEND {folder} {date}{{{}}}", raw.len()));
        let go = self.0.line();
        assert!(go.starts_with('+'), "APPEND: {go}");
        self.0.raw(raw);
        self.0.say("");
        self.finish("APPEND");
    }

    fn finish(&mut self, command: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.0.line();
            if line.starts_with("a ") {
                assert!(line.starts_with("a OK"), "{command}: {line}");
                return lines;
            }
            lines.push(line);
        }
    }
}
