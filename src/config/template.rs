//! The configuration that `maildesk init` writes: each answer, and above it what it means. A new desk begins
//! with this short form; the manual is config/maildesk.toml.

use super::types::Tls;
use std::path::PathBuf;
use toml::Value;

/// A server of the answers.
#[derive(Debug, Clone)]
pub struct InitServer {
    /// A host name or an IP address.
    pub host: String,
    /// `None`: the usual one for `tls`.
    pub port: Option<u16>,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// `None`: nobody signs in.
    pub user: Option<String>,
    /// The password stands alone in this file.
    pub password_file: Option<PathBuf>,
}

/// What `maildesk init` asks for.
#[derive(Debug, Clone)]
pub struct InitAnswers {
    /// What the desk is called.
    pub name: String,
    /// Customers write here.
    pub address: String,
    /// Where customers reach the pages.
    pub url: String,
    /// The word in the subject token.
    pub prefix: String,
    /// Where mail comes in.
    pub imap: InitServer,
    /// Where letters leave.
    pub smtp: InitServer,
    /// Name and address of the first staff member.
    pub staff: Option<(String, String)>,
    /// The data folder, relative to the configuration file.
    pub data_dir: PathBuf,
}

/// A commented configuration that `load` accepts, if the answers are good.
pub fn template(answers: &InitAnswers) -> String {
    let mut text = format!(
        r##"# The configuration of this desk, by `maildesk init`. `maildesk check` proves that it works.
# A line that begins with # is a comment; what is left out has its default.

[desk]
name = {name}
# Customers write here.
address = {address}
# Where customers reach the web pages: scheme, host and perhaps a port.
url = {url}
# The subject token is [PREFIX-NUMBER].
prefix = {prefix}
# What a ticket can be about, for #category and the form.
#categories = ["Hardware", "Software"]
# Time zone of mails, pages and working hours.
#zone = "UTC"

[data]
# The encrypted database and its key are made here on the first start. Back up both.
dir = {data_dir}

[[mailbox]]
name = "support"
{mailbox}folder = "INBOX"
# Mail that was taken in is moved here; without this line it stays and is marked as read.
#done = "Archive"
# Only where the server lacks IDLE: how often to look, in seconds.
#poll_seconds = 30
# Mail to support+anything@ reaches this mailbox, too. Where `maildesk probe` says no, write false.
plus_addressing = true

[smtp]
{relay}# true where the relay lets support+anything@ be a sender.
#plus_sender = false

[web]
# Plain HTTP for a proxy on this machine; tls_cert_file and tls_key_file make it HTTPS.
listen = "127.0.0.1:8025"
# The networks of the proxies whose forwarding headers are believed.
#proxies = ["127.0.0.1/32"]
"##,
        name = quoted(&answers.name),
        address = quoted(&answers.address),
        url = quoted(&answers.url),
        prefix = quoted(&answers.prefix),
        data_dir = quoted(&answers.data_dir.to_string_lossy()),
        mailbox = server(&answers.imap),
        relay = server(&answers.smtp),
    );
    if let Some((name, address)) = &answers.staff {
        text += &format!(
            "\n# Who answers. `maildesk staff add` adds further persons.\n\
             [[staff]]\nname = {}\naddress = {}\n",
            quoted(name),
            quoted(address)
        );
    }
    text
}

/// The keys of a server, one a line.
fn server(s: &InitServer) -> String {
    let mut text = format!("host = {}\n", quoted(&s.host));
    if let Some(port) = s.port {
        text += &format!("port = {port}\n");
    }
    let tls = match s.tls {
        Tls::Implicit => "implicit",
        Tls::StartTls => "starttls",
        Tls::None => "none",
    };
    text += &format!("# implicit, starttls, or none (on this machine only).\ntls = \"{tls}\"\n");
    if let Some(user) = &s.user {
        text += &format!("user = {}\n", quoted(user));
    }
    if let Some(file) = &s.password_file {
        text += "# The password stands alone in this file, which only the service may read.\n";
        text += &format!("password_file = {}\n", quoted(&file.to_string_lossy()));
    }
    text
}

/// As TOML writes it, whatever it holds.
fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
