//! The settings as values: what a configuration holds once it has been read and checked.

use crate::desk::time::due_date::Targets;
use crate::desk::{Confirm, StaffProof};
use crate::mail::AddrSpec;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

/// A configuration that has been read and checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file that it was read from; relative paths in it start at its folder.
    pub file: PathBuf,
    /// `[desk]`.
    pub desk: DeskConfig,
    /// `[data]`.
    pub data: DataConfig,
    /// Every `[[mailbox]]`; at least one, and no two have the same name.
    pub mailboxes: Vec<MailboxConfig>,
    /// `[smtp]`.
    pub smtp: SmtpConfig,
    /// `[web]`.
    pub web: WebConfig,
    /// Every `[[staff]]`; no address stands in two of them.
    pub staff: Vec<StaffConfig>,
    /// `[trust]`.
    pub trust: TrustConfig,
    /// Every `[[route]]`, in the order of the file: the first that fits counts.
    pub routes: Vec<RouteConfig>,
    /// `[targets]`.
    pub targets: Targets,
    /// `[limits]`.
    pub limits: Limits,
    /// `[dns] server`; `None`: the resolver of the system.
    pub dns_server: Option<SocketAddr>,
    /// `[retention]`.
    pub retention: Retention,
    /// `[probe] every_minutes`, at most a week; 0: only by hand.
    pub probe_minutes: u64,
    /// One sentence each, such as `"help" in [desk] has no effect yet`.
    pub warnings: Vec<String>,
}

/// `[desk]`: who the desk is.
#[derive(Debug, Clone)]
pub struct DeskConfig {
    /// What the desk is called, in the From of letters and on pages.
    pub name: String,
    /// Customers write here.
    pub address: AddrSpec,
    /// Where customers reach the pages: scheme, host and port only.
    pub url: url::Url,
    /// The word in the subject token `[PREFIX-7]`: 1 to 20 letters and digits, a letter first.
    pub prefix: String,
    /// What a ticket can be about; empty where no category is known.
    pub categories: Vec<String>,
    /// The saved answers of the folder `answers`: name, Markdown.
    pub answers: BTreeMap<String, String>,
    /// A zone of the time zone database, as in `Africa/Nairobi`.
    pub zone: String,
    /// A language tag (RFC 5646); it has no effect yet.
    pub language: String,
    /// A line under the name on the front page.
    pub tagline: Option<String>,
    /// The operator's own site, an address by http or https.
    pub website: Option<String>,
    /// The colour of links and buttons, `#rrggbb`.
    pub accent: Option<String>,
    /// A picture for the pages; it has no effect yet.
    pub logo: Option<PathBuf>,
    /// RFC 9116 §2.5.3: where to report a security hole, a URI.
    pub security_contact: Option<String>,
}

/// `[data]`: where everything is kept.
#[derive(Debug, Clone)]
pub struct DataConfig {
    /// The data folder, which holds the database.
    pub dir: PathBuf,
    /// The file of the database's key.
    pub key_file: PathBuf,
}

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// TLS from the first byte (RFC 8314 §3).
    Implicit,
    /// In clear until STARTTLS.
    StartTls,
    /// In clear; only to a host on this machine (D17).
    None,
}

/// A server that the desk connects to.
#[derive(Debug, Clone)]
pub struct Server {
    /// A host name or an IP address, without brackets.
    pub host: String,
    /// The port, 1 to 65535.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Further trusted roots in PEM.
    pub ca_file: Option<PathBuf>,
}

/// A user of a server and their password.
#[derive(Debug, Clone)]
pub struct Login {
    /// The name that the server knows.
    pub user: String,
    /// It is shown to that server alone (T83).
    pub password: Secret,
}

/// A `[[mailbox]]` that is watched.
#[derive(Debug, Clone)]
pub struct MailboxConfig {
    /// How routes and the status page call it.
    pub name: String,
    /// Where its mail comes from.
    pub source: MailSource,
    /// Seconds between two looks where the server has no IDLE, 1 to 86400.
    pub poll_seconds: u64,
    /// Mail to `support+anything@` reaches this mailbox, too.
    pub plus_addressing: bool,
    /// What stands between address and tag: `+` or `-`.
    pub separator: char,
    /// A folder of spam that is counted; it has no effect yet.
    pub junk: Option<String>,
}

/// Where mail comes from.
#[derive(Debug, Clone)]
pub enum MailSource {
    /// A folder of an IMAP server.
    Imap {
        /// The server.
        server: Server,
        /// Who opens the mailbox.
        login: Login,
        /// The folder that is watched.
        folder: String,
        /// Mail that was taken in is moved here; `None`: it stays and is flagged `\Seen`.
        done: Option<String>,
        /// The first connect also takes in what lies there already.
        start_all: bool,
    },
    /// A Maildir, into which another program of this machine delivers.
    Maildir {
        /// The folder that holds `new` and `cur`.
        folder: PathBuf,
        /// The first look also takes in what lies there already.
        start_all: bool,
    },
}

/// `[smtp]`: how letters leave.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// Where letters go.
    pub way: SmtpWay,
    /// Confirmations leave with the reverse-path `<>`.
    pub null_sender: bool,
    /// The relay lets `support+tag@` be the reverse-path and From.
    pub plus_sender: bool,
    /// Further fields on every letter. RFC 5322 §2.2: names of ftext, values of one line in ASCII.
    pub headers: BTreeMap<String, String>,
}

/// Where letters go.
#[derive(Debug, Clone)]
pub enum SmtpWay {
    /// To a relay, by SMTP.
    Relay {
        /// The relay.
        server: Server,
        /// `None`: nobody signs in.
        login: Option<Login>,
    },
    /// Into a Maildir; nothing is sent.
    Maildir(PathBuf),
}

/// `[web]`: the pages.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// Where the pages are served.
    pub listen: SocketAddr,
    /// Networks whose forwarding headers are believed (T67): address and prefix length.
    pub proxies: Vec<(IpAddr, u8)>,
    /// Where `/metrics` is served; `None`: nowhere.
    pub metrics_listen: Option<SocketAddr>,
    /// The files of the certificate chain and of its key; `None`: plain HTTP, for a proxy in front.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// The life of a magic link, in minutes.
    pub link_minutes: u32,
}

/// A `[[staff]]`: somebody who answers.
#[derive(Debug, Clone)]
pub struct StaffConfig {
    /// Their name as customers see it.
    pub name: String,
    /// Letters to them go here; never an address of the desk itself (T27).
    pub address: AddrSpec,
    /// Further addresses that they write from.
    pub aliases: Vec<AddrSpec>,
    /// They get one letter a day instead of single notices.
    pub digest: bool,
}

/// `[trust]`: what is believed.
#[derive(Debug, Clone)]
pub struct TrustConfig {
    /// The server whose Authentication-Results count (RFC 8601 §2.5); `None`: no server's do.
    pub authserv_id: Option<String>,
    /// What makes a mail of staff count.
    pub staff_proof: StaffProof,
    /// Who gets a confirmation.
    pub confirm: Confirm,
    /// Further addresses that are the desk itself.
    pub aliases: Vec<AddrSpec>,
    /// Ids of mailing lists in front of the desk's mailbox, in lower case.
    pub own_lists: Vec<String>,
    /// Results without an id count where they stand topmost, as of Exchange Online (T12).
    pub topmost_without_id: bool,
    /// Domains whose ARC seals are believed, never for staff (T15).
    pub trusted_arc_sealers: Vec<String>,
    /// Senders whose Reply-To is the customer (T10).
    pub web_forms: Vec<AddrSpec>,
}

/// A `[[route]]`: whom a new ticket concerns.
#[derive(Debug, Clone)]
pub struct RouteConfig {
    /// The mailbox that the ticket came by; `None`: any.
    pub mailbox: Option<String>,
    /// The category of the ticket; `None`: any.
    pub category: Option<String>,
    /// Whom it concerns.
    pub staff: Vec<AddrSpec>,
}

/// `[limits]`: how much is too much. What goes beyond is kept, never lost.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The largest mail that is read whole, in bytes.
    pub mail_bytes_max: u64,
    /// The largest upload on the web, in bytes; it has no effect yet.
    pub upload_bytes_max: u64,
    /// Automatic letters to one address in a day.
    pub letters_per_address_day: u32,
    /// Automatic letters to one domain in an hour.
    pub letters_per_domain_hour: u32,
    /// Automatic letters of the whole desk in an hour.
    pub letters_per_desk_hour: u32,
    /// New tickets of one sender in an hour; more bring no letters of their own.
    pub tickets_per_sender_hour: u32,
    /// Magic links to one address in 15 minutes (T66).
    pub links_per_address_quarter: u32,
    /// Magic links to one address in a day (T66).
    pub links_per_address_day: u32,
    /// Magic links for one network of clients in 15 minutes (T66).
    pub links_per_network_quarter: u32,
    /// Answers to commands and queries of one staff member in an hour.
    pub answers_per_staff_hour: u32,
    /// Days for which the reply address of a letter is good while its ticket is open.
    pub reply_address_days: u32,
    /// The same after the ticket was closed.
    pub reply_address_days_closed: u32,
}

/// `[retention]`, in days; `None` is "forever". Only `sessions` has an effect yet.
#[derive(Debug, Clone)]
pub struct Retention {
    /// Tickets with everything that was said in them.
    pub tickets: Option<u32>,
    /// Sign-ins, which is also the life of a session; at most a year.
    pub sessions: u32,
    /// The kept mails.
    pub raw_mail: Option<u32>,
    /// The log of requests.
    pub access_log: Option<u32>,
    /// Persons without ticket or sign-in (D26).
    pub persons: Option<u32>,
    /// The audit log.
    pub audit_log: Option<u32>,
    /// Erasure and retention also reach the mailbox on the server.
    pub mailbox: bool,
}

/// A secret; prints `***` and is wiped when dropped (T83).
#[derive(Clone)]
pub struct Secret(Arc<secrecy::SecretString>);

/// Whoever holds it last wipes it: [`secrecy::SecretString`] does.
impl zeroize::ZeroizeOnDrop for Secret {}

impl Secret {
    /// Copies the text, once, and exactly as long as it is; whoever has the text wipes it.
    pub fn new(text: &str) -> Self {
        Self(Arc::new(text.into()))
    }

    /// The secret itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        use secrecy::ExposeSecret;
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// What is wrong with a configuration: file, line, key, and what to do, one line for each fault.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);
