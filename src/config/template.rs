//! The configuration that `maildesk init` writes: the answers, and beside each what it means. The manual is
//! config/maildesk.toml; this is the short form that a new desk begins with.

use super::types::Tls;
use std::path::PathBuf;
use toml::Value;

/// A server of the answers. Without a user the server is spoken to without signing in.
#[derive(Debug, Clone)]
pub struct InitServer {
    pub host: String,
    /// `None`: the usual one for `tls`.
    pub port: Option<u16>,
    pub tls: Tls,
    pub user: Option<String>,
    /// The password stands alone in this file.
    pub password_file: Option<PathBuf>,
}

/// What `maildesk init` asks for.
#[derive(Debug, Clone)]
pub struct InitAnswers {
    pub name: String,
    pub address: String,
    pub url: String,
    pub prefix: String,
    pub imap: InitServer,
    pub smtp: InitServer,
    /// Name and address of the first staff member.
    pub staff: Option<(String, String)>,
    pub data_dir: PathBuf,
}

/// A commented configuration that `load` accepts, if the answers are good.
pub fn template(answers: &InitAnswers) -> String {
    let a = answers;
    let mut text = format!(
        "# The configuration of this desk, written by `maildesk init`. `maildesk check` proves that it works.\n\
         # A line that begins with # is a comment; what is left out has its default.\n\n\
         [desk]\nname = {}\n# Customers write here.\naddress = {}\n\
         # Where customers reach the web pages: scheme, host and perhaps a port.\nurl = {}\n\
         # The subject token is [PREFIX-NUMBER].\nprefix = {}\n\
         # What a ticket can be about, for #category and the form.\n#categories = [\"Hardware\", \"Software\"]\n\
         # Time zone of mails, pages and working hours.\n#zone = \"UTC\"\n\n\
         [data]\n# The encrypted database and its key are made here on the first start. Back up both.\ndir = {}\n\n",
        quoted(&a.name),
        quoted(&a.address),
        quoted(&a.url),
        quoted(&a.prefix),
        quoted(&a.data_dir.to_string_lossy()),
    );
    text += "[[mailbox]]\nname = \"support\"\n";
    text += &server(&a.imap);
    text += "folder = \"INBOX\"\n\
             # Mail that was taken in is moved here; without this line it stays and is marked as read.\n#done = \"Archive\"\n\
             # Only where the server lacks IDLE: how often to look.\n#poll_seconds = 30\n\
             # Mail to support+anything@ reaches this mailbox too. `maildesk check` finds out; false if it does not.\nplus_addressing = true\n\n\
             [smtp]\n";
    text += &server(&a.smtp);
    text += "# true where the relay lets support+anything@ be a sender.\n#plus_sender = false\n\n\
             [web]\n# Plain HTTP for a proxy on this machine; tls_cert_file and tls_key_file make it HTTPS.\nlisten = \"127.0.0.1:8025\"\n\
             # The networks of the proxies whose forwarding headers are believed.\n#proxies = [\"127.0.0.1/32\"]\n";
    if let Some((name, address)) = &a.staff {
        text += &format!(
            "\n# Who answers. `maildesk staff add` adds further persons.\n[[staff]]\nname = {}\naddress = {}\n",
            quoted(name),
            quoted(address)
        );
    }
    text
}

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
        text += &format!(
            "# The password stands alone in this file, which only the service may read.\npassword_file = {}\n",
            quoted(&file.to_string_lossy())
        );
    }
    text
}

/// As TOML writes it, whatever it holds.
fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
