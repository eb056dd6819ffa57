//! One desk: its folder and configuration, its people, its daemon. Each test makes its own, in a domain of
//! its own, so that all may run at once before the same two servers.

use crate::desk::get;
use crate::letters::{Person, number};
use crate::sink::Sink;
use crate::stage::{free_port, stage, until};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_maildesk");

/// What may differ between desks. Ports of `None` are the real servers, over TLS.
#[derive(Default)]
pub struct Setup {
    /// Port and `tls` of the mailbox.
    pub imap: Option<(u16, &'static str)>,
    pub smtp: Option<(u16, &'static str)>,
    /// Further lines in `[[mailbox]]`; a line here may also open further tables.
    pub mailbox: String,
    /// Lines at the end of the file.
    pub end: String,
    pub folder: Option<String>,
    pub sink: Option<Sink>,
}

pub struct World {
    pub dir: PathBuf,
    pub config: PathBuf,
    pub domain: String,
    pub desk: String,
    pub bob: Person,
    pub eve: Person,
    pub sink: Option<Sink>,
    pub daemon: Option<Child>,
    pub web: u16,
}

impl World {
    /// A desk at the real servers, and its daemon.
    pub fn new() -> World {
        World::with(Setup::default()).started()
    }

    /// A desk whose letters end in a scripted relay.
    pub fn with_sink() -> World {
        let sink = Sink::start();
        World::with(Setup { smtp: Some((sink.port, "none")), sink: Some(sink), ..Setup::default() }).started()
    }

    /// A desk without a daemon so far.
    pub fn with(setup: Setup) -> World {
        let n = number();
        let domain = format!("desk{n}.example");
        let dir = stage().dir.join(format!("desk{n}"));
        fs::create_dir(&dir).expect("a folder for the desk");
        let staff =
            |name: &str, local: &str| Person { name: name.to_owned(), address: format!("{local}@{domain}") };
        let world = World {
            config: dir.join("maildesk.toml"),
            desk: format!("support@{domain}"),
            bob: staff("Bob Builder", "bob"),
            eve: staff("Eve Engineer", "eve"),
            web: free_port(),
            daemon: None,
            sink: setup.sink,
            domain: domain.clone(),
            dir,
        };
        let secret = world.dir.join("password");
        fs::write(&secret, "secret\n").expect("password");
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("chmod");
        let (imap, imap_tls) = setup.imap.unwrap_or((stage().dovecot.imaps, "implicit"));
        let (smtp, smtp_tls) = setup.smtp.unwrap_or((stage().postfix.submission, "starttls"));
        let ca = |tls: &str| {
            if tls == "none" {
                String::new()
            } else {
                format!("ca_file = \"{}\"\n", stage().ca_file().display())
            }
        };
        let login = format!("user = \"{}\"\npassword_file = \"password\"\n", world.desk);
        let folder = setup.folder.unwrap_or_else(|| "\"INBOX\"".to_owned());
        let text = format!(
            "[desk]\nname = \"Test Desk\"\naddress = \"{}\"\nurl = \"{}\"\n\
             categories = [\"Hardware\", \"Software\"]\n\n\
             [data]\ndir = \"data\"\n\n\
             [smtp]\nhost = \"127.0.0.1\"\nport = {smtp}\ntls = \"{smtp_tls}\"\n{}{}plus_sender = true\n\n\
             [web]\nlisten = \"127.0.0.1:{}\"\n\n[dns]\nserver = \"127.0.0.1:{}\"\n\n\
             [[staff]]\nname = \"{}\"\naddress = \"{}\"\n\n[[staff]]\nname = \"{}\"\naddress = \"{}\"\n\n\
             [[mailbox]]\nname = \"support\"\nhost = \"127.0.0.1\"\nport = {imap}\ntls = \"{imap_tls}\"\n\
             {}{login}\
             folder = {folder}\npoll_seconds = 1\nplus_addressing = true\n{}\n{}\n",
            world.desk,
            world.url(),
            ca(smtp_tls),
            if smtp_tls == "none" { String::new() } else { login.clone() },
            world.web,
            stage().dns.port,
            world.bob.name,
            world.bob.address,
            world.eve.name,
            world.eve.address,
            ca(imap_tls),
            setup.mailbox,
            setup.end,
        );
        fs::write(&world.config, text).expect("the configuration");
        world
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.web)
    }

    pub fn edit(&self, change: impl Fn(&str) -> String) {
        let old = fs::read_to_string(&self.config).expect("the configuration");
        let new = change(&old);
        assert_ne!(old, new, "the edit changed nothing");
        fs::write(&self.config, new).expect("the configuration");
    }

    // ---- the daemon

    pub fn started(mut self) -> World {
        self.start();
        self
    }

    /// Starts the daemon and waits until what comes from now on is taken in.
    pub fn start(&mut self) {
        self.launch(&[]);
        self.ready();
    }

    pub fn launch(&mut self, env: &[(&str, &str)]) {
        assert!(!self.alive(), "the daemon runs already");
        let log = fs::OpenOptions::new().create(true).append(true).open(self.dir.join("log")).expect("log");
        let mut command = self.program();
        command.arg("run").envs(env.iter().copied()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().expect("the program starts");
        stage().remember(child.id());
        self.daemon = Some(child);
    }

    pub fn ready(&mut self) {
        let web = self.web;
        let daemon = self.daemon.as_mut().expect("a daemon");
        until("/healthz to answer 200", || {
            if let Some(code) = daemon.try_wait().expect("wait") {
                panic!("the daemon ended with {code} instead of serving");
            }
            (get(web, "/healthz").0 == 200).then_some(())
        });
    }

    pub fn alive(&mut self) -> bool {
        self.daemon.as_mut().is_some_and(|d| d.try_wait().expect("wait").is_none())
    }

    pub fn kill(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }

    /// Waits for the daemon to end by itself; its exit code, none where a signal ended it.
    pub fn ended(&mut self) -> Option<i32> {
        let mut daemon = self.daemon.take().expect("a daemon");
        until("the daemon to end by itself", || daemon.try_wait().expect("wait")).code()
    }

    /// SIGTERM, and the exit code.
    pub fn stop(&mut self) -> Option<i32> {
        let pid = self.daemon.as_ref().expect("a daemon").id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
        self.ended()
    }

    /// The most memory that the daemon ever had, in MiB.
    pub fn peak_mib(&self) -> u64 {
        let pid = self.daemon.as_ref().expect("a daemon").id();
        let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("status");
        let line = status.lines().find(|l| l.starts_with("VmHWM:")).expect("VmHWM");
        line.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok()).expect("a number") / 1024
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = fs::read(self.dir.join("log")).unwrap_or_default();
            let log = String::from_utf8_lossy(&log).into_owned();
            let lines: Vec<&str> = log.lines().collect();
            for line in lines.iter().filter(|l| l.contains("\"ERROR\"") || l.contains("\"WARN\"")) {
                eprintln!("{line}");
            }
            eprintln!("the end of the daemon's log of {}:", self.domain);
            eprintln!("{}", lines[lines.len().saturating_sub(25)..].join("\n"));
        }
    }
}
