//! TOML -> Config (INTERFACE.md, Configuration): every key, checked, with the nearest known key for a wrong
//! one.

mod answers;
mod desk;
mod nearest;
mod report;
mod rest;
mod secret;
mod section;
mod servers;
mod template;
#[cfg(test)]
mod tests;

pub use template::{InitAnswers, InitServer, template};

use crate::desk::target::Targets;
use crate::desk::{Confirm, StaffProof};
use crate::mail::AddrSpec;
use report::Report;
use section::Section;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A configuration that has been read and checked.
#[derive(Debug, Clone)]
pub struct Config {
    pub file: PathBuf,
    pub desk: DeskConfig,
    pub data: DataConfig,
    pub mailboxes: Vec<MailboxConfig>,
    pub smtp: SmtpConfig,
    pub web: WebConfig,
    pub staff: Vec<StaffConfig>,
    pub trust: TrustConfig,
    pub routes: Vec<RouteConfig>,
    pub targets: Targets,
    pub limits: Limits,
    /// `[dns] server`.
    pub dns_server: Option<std::net::SocketAddr>,
    pub retention: Retention,
    /// `[probe] every_minutes`; 0: only by hand.
    pub probe_minutes: u64,
    /// One sentence each, such as `[targets] has no effect yet`.
    pub warnings: Vec<String>,
}

/// `[desk]`: who the desk is.
#[derive(Debug, Clone)]
pub struct DeskConfig {
    pub name: String,
    pub address: AddrSpec,
    /// Scheme, host and port only, no trailing slash.
    pub url: url::Url,
    pub prefix: String,
    pub categories: Vec<String>,
    /// Saved answers of the folder `answers`: name, Markdown.
    pub answers: BTreeMap<String, String>,
    /// A zone of the time zone database, as in `Africa/Nairobi`.
    pub zone: String,
    pub language: String,
    pub tagline: Option<String>,
    pub website: Option<String>,
    /// `#rrggbb`.
    pub accent: Option<String>,
    pub logo: Option<PathBuf>,
    pub security_contact: Option<String>,
}

/// `[data]`: where everything is kept.
#[derive(Debug, Clone)]
pub struct DataConfig {
    pub dir: PathBuf,
    pub key_file: PathBuf,
}

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    Implicit,
    StartTls,
    /// Loopback hosts only.
    None,
}

/// A host that is spoken to over TLS (or in clear on loopback).
#[derive(Debug, Clone)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    pub ca_file: Option<PathBuf>,
}

/// A name and its password.
#[derive(Debug, Clone)]
pub struct Login {
    pub user: String,
    pub password: Secret,
}

/// A `[[mailbox]]` that is watched.
#[derive(Debug, Clone)]
pub struct MailboxConfig {
    pub name: String,
    pub source: MailSource,
    pub poll_seconds: u64,
    pub plus_addressing: bool,
    /// `+` or `-`.
    pub separator: char,
    pub junk: Option<String>,
}

/// Where mail comes from.
#[derive(Debug, Clone)]
pub enum MailSource {
    Imap { server: Server, login: Login, folder: String, done: Option<String>, start_all: bool },
    Maildir(PathBuf),
}

/// `[smtp]`: how letters leave.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    pub way: SmtpWay,
    pub null_sender: bool,
    pub plus_sender: bool,
    /// Checked: names of ftext, values without controls.
    pub headers: BTreeMap<String, String>,
}

/// Where letters go.
#[derive(Debug, Clone)]
pub enum SmtpWay {
    Relay { server: Server, login: Option<Login> },
    Maildir(PathBuf),
}

/// `[web]`: the pages.
#[derive(Debug, Clone)]
pub struct WebConfig {
    pub listen: std::net::SocketAddr,
    /// Networks whose forwarding headers are believed: address and prefix length.
    pub proxies: Vec<(std::net::IpAddr, u8)>,
    pub metrics_listen: Option<std::net::SocketAddr>,
    /// Certificate chain and key files.
    pub tls: Option<(PathBuf, PathBuf)>,
    pub link_minutes: u32,
}

/// A `[[staff]]`: somebody who answers.
#[derive(Debug, Clone)]
pub struct StaffConfig {
    pub name: String,
    pub address: AddrSpec,
    pub aliases: Vec<AddrSpec>,
    /// One letter a day instead of single notices.
    pub digest: bool,
}

/// `[trust]`: what is believed.
#[derive(Debug, Clone)]
pub struct TrustConfig {
    pub authserv_id: Option<String>,
    pub staff_proof: StaffProof,
    pub confirm: Confirm,
    pub aliases: Vec<AddrSpec>,
    pub own_lists: Vec<String>,
    pub topmost_without_id: bool,
    pub trusted_arc_sealers: Vec<String>,
    pub web_forms: Vec<AddrSpec>,
}

/// A `[[route]]`: whom a new ticket concerns.
#[derive(Debug, Clone)]
pub struct RouteConfig {
    pub mailbox: Option<String>,
    pub category: Option<String>,
    pub staff: Vec<AddrSpec>,
}

/// `[limits]`, with the defaults of INTERFACE.md.
#[derive(Debug, Clone)]
pub struct Limits {
    pub mail_bytes_max: u64,
    pub upload_bytes_max: u64,
    pub letters_per_address_day: u32,
    pub letters_per_domain_hour: u32,
    pub letters_per_desk_hour: u32,
    pub tickets_per_sender_hour: u32,
    pub links_per_address_quarter: u32,
    pub links_per_address_day: u32,
    pub links_per_network_quarter: u32,
    pub answers_per_staff_hour: u32,
    pub reply_address_days: u32,
    pub reply_address_days_closed: u32,
}

/// `[retention]`: `None` is "forever", else days.
#[derive(Debug, Clone)]
pub struct Retention {
    pub tickets: Option<u32>,
    pub sessions: u32,
    pub raw_mail: Option<u32>,
    pub access_log: Option<u32>,
    pub persons: Option<u32>,
    pub audit_log: Option<u32>,
    pub mailbox: bool,
}

/// A secret; prints `***` and is wiped when dropped (T83).
#[derive(Clone)]
pub struct Secret(std::sync::Arc<secrecy::SecretString>);

impl Secret {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(std::sync::Arc::new(text.into()))
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

/// What is wrong with a configuration: file, line, key, and what to do, in one text of one or more lines.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// Where the configuration is: the flag, else `MAILDESK_CONFIG`, else the place of a system service.
pub fn locate(flag: Option<PathBuf>) -> PathBuf {
    let named = std::env::var_os("MAILDESK_CONFIG").filter(|v| !v.is_empty());
    flag.or(named.map(PathBuf::from)).unwrap_or_else(|| "/etc/maildesk/maildesk.toml".into())
}

/// Reads and checks a configuration file, with the secrets that it names.
pub fn load(file: &Path) -> Result<Config, ConfigError> {
    let text = std::fs::read_to_string(file).map_err(|e| {
        let advice = match e.kind() {
            std::io::ErrorKind::NotFound => {
                "`maildesk init` writes one; --config or MAILDESK_CONFIG names another"
            }
            std::io::ErrorKind::InvalidData => "it must be text in UTF-8",
            _ => "let the user of the service read it",
        };
        ConfigError(format!("{}: the configuration cannot be read: {e}; {advice}", file.display()))
    })?;
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    load_text(&text, file, credentials.as_deref())
}

/// The same from a text that stands in `file`, with the folder of systemd credentials, free of the
/// environment.
pub fn load_text(text: &str, file: &Path, credentials: Option<&Path>) -> Result<Config, ConfigError> {
    let report = Report::new(text, file, credentials);
    let (table, broken) = toml::de::DeTable::parse_recoverable(text);
    for error in &broken {
        // `message` alone: the error's own Display quotes the line, which may hold a secret (T83).
        let at = error.span().map_or(0, |s| s.start);
        report.fault(Some(at), format_args!("this is not TOML: {}; correct the line", error.message()));
    }
    // After a broken line the rest may mean something else: nothing more is said about it.
    let config = match broken.is_empty() {
        true => read(&Section::root(table.get_ref(), &report), file),
        false => None,
    };
    let mut faults = report.faults.into_inner();
    faults.sort_by_key(|f| f.0);
    match config.filter(|_| faults.is_empty()) {
        Some(config) => Ok(Config { warnings: report.warnings.into_inner(), ..config }),
        None => {
            let lines: Vec<_> = faults.into_iter().map(|f| f.1).collect();
            Err(ConfigError(lines.join("\n")))
        }
    }
}

/// Asks every section, whatever is wrong with the ones before it.
fn read(root: &Section, file: &Path) -> Option<Config> {
    let desk = desk::desk(&root.table("desk"));
    let data = desk::data(&root.table("data"));
    let mailboxes = servers::mailboxes(root);
    let smtp = servers::smtp(&root.table("smtp"));
    let web = servers::web(&root.table("web"));
    let trust = desk::trust(&root.table("trust"));
    let own = desk::Own::new(desk.as_ref(), &mailboxes, &trust);
    let staff = desk::staff(root, &own);
    let routes = desk::routes(root, &own, &mailboxes, desk.as_ref());
    let limits = rest::limits(&root.table("limits"));
    let dns_server = rest::dns(&root.table("dns"));
    let retention = rest::retention(&root.table("retention"));
    let targets = rest::targets(&root.table("targets"), desk.as_ref().map_or("UTC", |d| &d.zone));
    let probe_minutes = rest::probe(&root.table("probe"));
    rest::to_come(root);
    root.done();
    Some(Config {
        file: file.to_owned(),
        desk: desk?,
        data,
        mailboxes,
        smtp: smtp?,
        web,
        staff,
        trust,
        routes,
        targets,
        limits,
        dns_server,
        retention,
        probe_minutes,
        warnings: Vec::new(),
    })
}
