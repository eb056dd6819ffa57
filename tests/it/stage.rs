//! What all tests share: one temporary folder, one certificate authority, one Dovecot, one Postfix.
//! Statics are never dropped, so a small shell waits for the end of this process and clears up by pid.

use crate::dns::Dns;
use crate::dovecot::Dovecot;
use crate::postfix::Postfix;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

pub struct Stage {
    pub dir: PathBuf,
    pub authority: Authority,
    pub dovecot: Dovecot,
    pub postfix: Postfix,
    pub dns: Dns,
    // Its standard input closes when this process ends, however it ends.
    _watchdog: Mutex<Child>,
}

pub fn stage() -> &'static Stage {
    static STAGE: OnceLock<Stage> = OnceLock::new();
    STAGE.get_or_init(Stage::build)
}

impl Stage {
    fn build() -> Stage {
        let dir =
            tempfile::Builder::new().prefix("maildesk-it-").tempdir().expect("a temporary folder").keep();
        // The servers run under users of their own and must be able to walk through.
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).expect("chmod");
        let watchdog = Mutex::new(watchdog(&dir));
        let authority = Authority::new("maildesk test root");
        fs::write(dir.join("ca.pem"), authority.pem()).expect("ca.pem");
        let (cert, key) = authority.leaf(&["127.0.0.1", "localhost"], false);
        fs::write(dir.join("cert.pem"), cert.pem()).expect("cert.pem");
        fs::write(dir.join("key.pem"), key.serialize_pem()).expect("key.pem");
        fs::set_permissions(dir.join("key.pem"), fs::Permissions::from_mode(0o600)).expect("chmod");
        let dovecot = Dovecot::start(&dir);
        let postfix = Postfix::start(&dir, &dovecot);
        Stage { dns: Dns::start(), authority, dovecot, postfix, dir, _watchdog: watchdog }
    }

    pub fn ca_file(&self) -> PathBuf {
        self.dir.join("ca.pem")
    }

    /// A daemon of a test: the watchdog ends it too, should this process be killed before the test can.
    pub fn remember(&self, pid: u32) {
        let mut file =
            fs::OpenOptions::new().create(true).append(true).open(self.dir.join("daemons")).expect("daemons");
        writeln!(file, "{pid}").expect("daemons");
    }
}

fn watchdog(dir: &std::path::Path) -> Child {
    // `kill` asks for /proc/PID/exe first, so that a pid used anew by a stranger is left alone.
    let script = r#"
        trap '' INT TERM HUP
        cat > /dev/null
        end() { case "$(readlink "/proc/$1/exe")" in */maildesk|*/dovecot|*/master) kill "-$2" "$1";; esac; }
        [ -f "$DIR/daemons" ] && while read -r pid; do end "$pid" KILL; done < "$DIR/daemons"
        for file in "$DIR/dovecot/run/master.pid" "$DIR/postfix/queue/pid/master.pid"; do
            [ -f "$file" ] && end "$(tr -d ' ' < "$file")" TERM
        done
        for i in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$DIR" && break; sleep 0.2; done
    "#;
    Command::new("sh")
        .args(["-c", script])
        .env("DIR", dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh")
}

/// A certificate authority of our own.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    cert: rcgen::Certificate,
}

impl Authority {
    pub fn new(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("no names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().expect("a key");
        let cert = params.self_signed(&key).expect("a root");
        Authority { issuer: Issuer::new(params, key), cert }
    }

    pub fn pem(&self) -> String {
        self.cert.pem()
    }

    pub fn der(&self) -> rustls::pki_types::CertificateDer<'static> {
        self.cert.der().clone()
    }

    pub fn leaf(&self, names: &[&str], expired: bool) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let cert = leaf_params(names, expired).signed_by(&key, &self.issuer).expect("a leaf");
        (cert, key)
    }
}

pub fn leaf_params(names: &[&str], expired: bool) -> CertificateParams {
    let mut params =
        CertificateParams::new(names.iter().map(|n| n.to_string()).collect::<Vec<_>>()).expect("names");
    params.distinguished_name.push(DnType::CommonName, names[0]);
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(if expired { 2021 } else { 2100 }, 1, 1);
    params
}

/// Asks again and again until there is an answer; the one way in which tests wait.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "waited 60 s in vain for {what}");
        thread::sleep(Duration::from_millis(25));
    }
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

pub fn listens(port: u16) -> Option<()> {
    TcpStream::connect(("127.0.0.1", port)).ok().map(|_| ())
}
