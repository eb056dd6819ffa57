//! A real Dovecot (2.3, Debian 12) on free loopback ports: IMAP over implicit TLS, IMAP in clear for proxies
//! that rewrite lines, LMTP, and the SASL socket that Postfix asks. Any user of any domain exists, each with
//! the password `secret`.

use crate::stage::{free_port, listens, until};
use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub struct Dovecot {
    dir: PathBuf,
    // Held so that it can be waited for; the watchdog ends it.
    process: Option<Child>,
    pub imaps: u16,
    pub imap: u16,
    pub lmtp: u16,
}

impl Dovecot {
    pub fn start(stage: &Path) -> Dovecot {
        let version = Command::new("dovecot").arg("--version").output();
        let version = version.expect("dovecot is not installed: bash tests/run installs it").stdout;
        let version = String::from_utf8_lossy(&version).into_owned();
        assert!(
            version.starts_with("2.3."),
            "these tests know the configuration of Dovecot 2.3, this is {version}"
        );
        let dir = stage.join("dovecot");
        fs::create_dir_all(dir.join("mail")).expect("mail");
        let (uid, gid) = ids_of("mail");
        chown(dir.join("mail"), Some(uid), Some(gid))
            .expect("the tests need root: Postfix and Dovecot change their user");
        let mut server =
            Dovecot { process: None, imaps: free_port(), imap: free_port(), lmtp: free_port(), dir };
        let conf = server.dir.join("dovecot.conf");
        fs::write(&conf, server.configuration(stage)).expect("dovecot.conf");
        let mut command = Command::new("dovecot");
        command
            .arg("-F")
            .arg("-c")
            .arg(&conf)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(server.dir.join("stderr")).expect("stderr"));
        server.process = Some(command.spawn().expect("dovecot"));
        for port in [server.imaps, server.imap, server.lmtp] {
            until("Dovecot to listen", || {
                let ended = server.process.as_mut().and_then(|p| p.try_wait().ok().flatten());
                assert!(ended.is_none(), "Dovecot ended: {ended:?}, see {}/log", server.dir.display());
                listens(port)
            });
        }
        server
    }

    /// Path of the socket by which Postfix asks for passwords.
    pub fn sasl(&self) -> String {
        format!("{}/run/sasl", self.dir.display())
    }

    /// The raw mails in a person's INBOX or another folder, oldest first.
    pub fn mails(&self, address: &str, folder: &str) -> Vec<Vec<u8>> {
        let mut files: Vec<PathBuf> = Vec::new();
        let home = self.home(address);
        let home = if folder == "INBOX" { home } else { home.join(format!(".{folder}")) };
        for part in ["cur", "new"] {
            files.extend(fs::read_dir(home.join(part)).into_iter().flatten().flatten().map(|e| e.path()));
        }
        // `1795….M123P4.host,S=…`: seconds, then microseconds, which are not padded.
        files.sort_by_key(|f| {
            let name = f.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let (seconds, rest) =
                name.split_once(".M").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap_or_default();
            let micros: String = rest.chars().take_while(char::is_ascii_digit).collect();
            (seconds.parse::<u64>().unwrap_or(0), micros.parse::<u64>().unwrap_or(0))
        });
        // A file may be renamed from new to cur between listing and reading; the next question finds it.
        files.iter().filter_map(|f| fs::read(f).ok()).collect()
    }

    pub fn home(&self, address: &str) -> PathBuf {
        let (local, domain) = address.split_once('@').expect("an address");
        self.dir.join("mail").join(domain.to_lowercase()).join(local.to_lowercase())
    }

    fn configuration(&self, stage: &Path) -> String {
        let dir = self.dir.display();
        let stage = stage.display();
        let Dovecot { imaps, imap, lmtp, .. } = self;
        format!(
            r#"
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
listen = 127.0.0.1
protocols = imap lmtp
ssl = yes
ssl_cert = <{stage}/cert.pem
ssl_key = <{stage}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0 secs
mail_location = maildir:{dir}/mail/%Ld/%Ln
mail_fsync = never
mail_max_userip_connections = 200
first_valid_uid = 1
recipient_delimiter = +
mail_plugins = acl
plugin {{
  acl = vfile
}}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={dir}/mail/%Ld/%Ln allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service auth {{
  unix_listener sasl {{
    mode = 0666
  }}
}}
service imap-login {{
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  process_min_avail = 1
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"#
        )
    }
}

/// User and group id of a user of this machine.
pub fn ids_of(user: &str) -> (u32, u32) {
    let passwd = fs::read_to_string("/etc/passwd").expect("/etc/passwd");
    let line = passwd.lines().find(|l| l.starts_with(&format!("{user}:")));
    let mut fields = line.unwrap_or_else(|| panic!("no user {user} on this machine")).split(':').skip(2);
    let mut id = || fields.next().and_then(|f| f.parse().ok()).expect("a number in /etc/passwd");
    (id(), id())
}
