//! TOML -> Config (INTERFACE.md, Configuration): every key, checked, with the nearest known key for a wrong one.

use crate::mail::AddrSpec;
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
    pub limits: Limits,
    /// `[dns] server`.
    pub dns_server: Option<std::net::SocketAddr>,
    pub retention: Retention,
    /// One sentence each, such as `[targets] has no effect yet`.
    pub warnings: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct DeskConfig {
    pub name: String,
    pub address: AddrSpec,
    /// Scheme, host and port only, no trailing slash.
    pub url: url::Url,
    pub prefix: String,
    pub categories: Vec<String>,
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

#[derive(Debug, Clone)]
pub struct DataConfig {
    pub dir: PathBuf,
    pub key_file: PathBuf,
}

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

#[derive(Debug, Clone)]
pub struct Login {
    pub user: String,
    pub password: Secret,
}

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

#[derive(Debug, Clone)]
pub enum MailSource {
    Imap {
        server: Server,
        login: Login,
        folder: String,
        done: Option<String>,
        start_all: bool,
    },
    Maildir(PathBuf),
}

#[derive(Debug, Clone)]
pub struct SmtpConfig {
    pub way: SmtpWay,
    pub null_sender: bool,
    pub plus_sender: bool,
    /// Checked: names of ftext, values without controls.
    pub headers: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
pub enum SmtpWay {
    Relay {
        server: Server,
        login: Option<Login>,
    },
    Maildir(PathBuf),
}

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

#[derive(Debug, Clone)]
pub struct StaffConfig {
    pub name: String,
    pub address: AddrSpec,
    pub aliases: Vec<AddrSpec>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirm {
    All,
    None,
}

#[derive(Debug, Clone)]
pub struct TrustConfig {
    pub authserv_id: Option<String>,
    pub confirm: Confirm,
    pub aliases: Vec<AddrSpec>,
    pub own_lists: Vec<String>,
    pub web_forms: Vec<AddrSpec>,
}

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

/// Reads and checks a configuration file.
pub fn load(_file: &Path) -> Result<Config, ConfigError> {
    unimplemented!()
}
