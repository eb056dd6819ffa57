//! `[[mailbox]]`, `[smtp]`, `[dns]` and `[probe]`: the servers that the desk speaks to. `[web]`: the server
//! that it is.

use super::reader::Reader;
use super::secret::{PASSWORD, is_given, refuse_loose, secret};
use super::types::{Login, MailSource, MailboxConfig, Server, SmtpConfig, SmtpWay, Tls, WebConfig};
use crate::mail::compose::extra_allowed;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Keys of a mailbox that mean nothing beside `maildir`.
const IMAP_ONLY: &[&str] = &["host", "port", "tls", "ca_file", "user", "folder", "done", "junk"];

/// Reads every `[[mailbox]]`; one is required.
pub(super) fn mailboxes(root: &Reader) -> Vec<MailboxConfig> {
    let written = root.tables("mailbox");
    if !root.has("mailbox") {
        mailbox(&root.missing("mailbox"));
    }
    let mut all: Vec<MailboxConfig> = Vec::new();
    for reader in &written {
        let Some(new) = mailbox(reader) else {
            continue;
        };
        if all.iter().any(|m| m.name == new.name) {
            let name = new.name.as_str();
            reader.wrong("name", format_args!("must differ in every mailbox, but {name:?} comes twice"));
        }
        all.push(new);
    }
    all
}

fn mailbox(s: &Reader) -> Option<MailboxConfig> {
    let name = s.text("name");
    let poll_seconds = s.number("poll_seconds", 1..=86_400).unwrap_or(30);
    let plus_addressing = s.flag("plus_addressing").unwrap_or(false);
    let separator = s.word("separator", &["+", "-"]);
    let junk = s.text_or_empty("junk").filter(|j| !j.is_empty());
    s.warn_unused("junk", junk.is_some());
    s.table("oauth2");
    s.warn_unused("oauth2", true);
    let source = source(s);
    s.done();
    let source = source?;
    let called = match &source {
        MailSource::Imap { login, .. } => login.user.clone(),
        MailSource::Maildir { .. } => "maildir".to_owned(),
    };
    Some(MailboxConfig {
        name: name.unwrap_or(called),
        source,
        poll_seconds,
        plus_addressing,
        separator: if separator == Some("-") { '-' } else { '+' },
        junk,
    })
}

fn source(s: &Reader) -> Option<MailSource> {
    let maildir = s.path("maildir");
    let folder = s.text("folder").unwrap_or_else(|| "INBOX".to_owned());
    let done = s.text_or_empty("done").filter(|d| !d.is_empty());
    let start_all = s.word("start", &["now", "all"]) == Some("all");
    if s.has("maildir") {
        server(s, Tls::Implicit, imap_port);
        s.text("user");
        secret(s, PASSWORD);
        for key in IMAP_ONLY.iter().chain(&PASSWORD).filter(|k| s.has(k)) {
            s.wrong(key, "has no meaning beside \"maildir\"; remove one of the two");
        }
        return maildir.map(|folder| MailSource::Maildir { folder, start_all });
    }
    let server = server(s, Tls::Implicit, imap_port);
    s.need(
        "host",
        server.as_ref(),
        "write host = \"imap.example.com\", or maildir = \"PATH\" for local delivery",
    );
    let user =
        s.need("user", s.text("user"), "write the name with which the mailbox is opened, mostly its address");
    let password = secret(s, PASSWORD);
    if !is_given(s, PASSWORD) {
        s.wrong(
            "password_file",
            "is missing; write the name of a file that holds the password alone (or password_credential, or \
             password)",
        );
    }
    let login = Login { user: user?, password: password? };
    Some(MailSource::Imap { server: server?, login, folder, done, start_all })
}

fn imap_port(tls: Tls) -> u16 {
    if tls == Tls::Implicit { 993 } else { 143 }
}

fn smtp_port(tls: Tls) -> u16 {
    match tls {
        Tls::Implicit => 465,
        Tls::StartTls => 587,
        Tls::None => 25,
    }
}

/// Host, port, tls and ca_file of a section.
fn server(s: &Reader, default: Tls, port_of: fn(Tls) -> u16) -> Option<Server> {
    let host = s.parsed("host", "a host name or an IP address, without scheme and port", host);
    let tls = match s.word("tls", &["implicit", "starttls", "none"]) {
        Some("implicit") => Tls::Implicit,
        Some("starttls") => Tls::StartTls,
        Some(_) => Tls::None,
        None => default,
    };
    let port = s.number("port", 1..=65_535).and_then(|p| u16::try_from(p).ok());
    let ca_file = s.file("ca_file");
    let host = host?;
    // D17: nothing goes over a network in clear.
    if tls == Tls::None && !is_loopback(&host) {
        s.wrong(
            "tls",
            format_args!(
                "may be \"none\" for a host on this machine only, and {host} is none; write \"implicit\" or \
                 \"starttls\""
            ),
        );
    }
    Some(Server { port: port.unwrap_or_else(|| port_of(tls)), host, tls, ca_file })
}

fn host(text: &str) -> Option<String> {
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    let name = bare.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    (name || bare.parse::<Ipv6Addr>().is_ok()).then(|| bare.to_owned())
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Reads `[smtp]`, and `[alarm.smtp]` which is like it.
pub(super) fn smtp(s: &Reader) -> Option<SmtpConfig> {
    let null_sender = s.flag("null_sender").unwrap_or(false);
    let plus_sender = s.flag("plus_sender").unwrap_or(false);
    let headers = headers(&s.table("headers"));
    let maildir = s.path("maildir");
    let server = server(s, Tls::StartTls, smtp_port);
    let user = s.text("user");
    let password = secret(s, PASSWORD);
    s.done();
    if s.has("maildir") {
        for key in ["host", "user"].into_iter().filter(|k| s.has(k)) {
            s.wrong(key, "has no meaning beside \"maildir\"; remove one of the two");
        }
        let way = SmtpWay::Maildir(maildir?);
        return Some(SmtpConfig { way, null_sender, plus_sender, headers });
    }
    s.need(
        "host",
        server.as_ref(),
        "write host = \"smtp.example.com\", or maildir = \"PATH\" to write mail there instead of sending it",
    );
    match (s.has("user"), is_given(s, PASSWORD)) {
        (true, false) => s.wrong(
            "password_file",
            "is missing beside \"user\"; write the name of a file that holds the password alone",
        ),
        (false, true) => s.wrong("user", "is missing beside the password; write both or none"),
        _ => {}
    }
    let login = user.zip(password).map(|(user, password)| Login { user, password });
    let way = SmtpWay::Relay { server: server?, login };
    Some(SmtpConfig { way, null_sender, plus_sender, headers })
}

fn headers(s: &Reader) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (name, at, value) in s.entries() {
        // RFC 5322 §2.2: ftext is printable US-ASCII but the colon.
        let ftext = !name.is_empty() && name.bytes().all(|b| (33..=126).contains(&b) && b != b':');
        let own = ftext && !extra_allowed(name);
        let fine = |v: &&str| v.len() <= 900 && v.bytes().all(|b| (32..=126).contains(&b));
        let fault = match value.as_str().filter(fine) {
            _ if !ftext => "is no name of a mail field; letters, digits and hyphens make one",
            _ if name.len() > 70 => "is too long a name; a mail field has at most 70 characters here",
            _ if own => "is a field that the desk writes itself, or that no letter of it may have; remove it",
            None => "must be a text of one line in plain ASCII, at most 900 characters",
            Some(value) => {
                all.insert(name.to_owned(), value.to_owned());
                continue;
            }
        };
        s.report.fault(Some(at), format_args!("{name:?} in headers of [smtp] {fault}"));
    }
    all
}

/// Reads `[web]`.
pub(super) fn web(s: &Reader) -> WebConfig {
    let socket = |t: &str| t.parse::<SocketAddr>().ok();
    let form = "an address with a port, as in \"127.0.0.1:8025\"";
    let listen = s.parsed("listen", form, socket);
    let proxies = s.list("proxies", "networks such as \"127.0.0.1/32\"", network);
    let metrics_listen = s.parsed("metrics_listen", form, socket);
    let tls = s.file("tls_cert_file").zip(s.file("tls_key_file"));
    for (key, other) in [("tls_cert_file", "tls_key_file"), ("tls_key_file", "tls_cert_file")] {
        if s.has(other) && !s.has(key) {
            s.wrong(key, format_args!("is missing beside \"{other}\"; write both or none"));
        }
    }
    if let Some((_, key)) = &tls {
        refuse_loose(s, "tls_key_file", key);
    }
    let link_minutes = s.count("link_minutes", 15, 1_440);
    s.done();
    WebConfig {
        listen: listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8025))),
        proxies,
        metrics_listen,
        tls,
        link_minutes,
    }
}

/// A network in CIDR notation (RFC 4632 §3.1), or a single address.
fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
    let address: IpAddr = address.parse().ok()?;
    let max = if address.is_ipv4() { 32 } else { 128 };
    let length = length.map_or(Some(max), |l| l.parse().ok())?;
    (length <= max).then_some((address, length))
}

/// `[dns] server`; `None`: the resolver of the system.
pub(super) fn dns(s: &Reader) -> Option<SocketAddr> {
    let server = s.parsed("server", "an IP address with a port, as in \"127.0.0.1:53\"", |t| t.parse().ok());
    s.done();
    server
}

/// `[probe] every_minutes`; 0: only by hand.
pub(super) fn probe(s: &Reader) -> u64 {
    let every = s.number("every_minutes", 0..=10_080).unwrap_or(0);
    s.done();
    every
}
