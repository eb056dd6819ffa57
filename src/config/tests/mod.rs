//! Tables of configurations: what each must be refused with, and what each is accepted as.

mod accepted;
mod refused;

use super::load::sections;
use super::reader::Reader;
use super::report::Report;
use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const GOOD: &str = r#"[desk]
name = "Test Desk"
address = "support@desk.example"
url = "http://desk.example:8025"
categories = ["Hardware", "Software"]

[[mailbox]]
name = "support"
host = "127.0.0.1"
tls = "none"
user = "support@desk.example"
password = "s3cret"

[smtp]
host = "localhost"
tls = "none"

[web]
[trust]
[limits]
[retention]
[backup]
"#;

/// A folder with everything that a configuration of these tests names.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str, mode| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    };
    for name in ["imap.password", "smtp.password", "turnstile.secret"] {
        file(name, "from-file\r\n", 0o600);
    }
    for name in ["ca.crt", "server.crt", "server.key"] {
        file(name, "-----BEGIN", 0o600);
    }
    fs::create_dir(dir.path().join("answers")).unwrap();
    file("loose", "secret\n", 0o640);
    file("loose-credential", "secret\n", 0o604);
    file("imap", "from-systemd\n", 0o440);
    file("empty", "\n", 0o600);
    file("two-lines", "a\nb\n", 0o600);
    dir
}

fn load_in(dir: &Path, text: &str) -> Result<Config, ConfigError> {
    load_text(text, &dir.join("test.toml"), Some(dir))
}

/// GOOD with lines put under a section, which is made where it is missing.
fn with(section: &str, lines: &str) -> String {
    let head = format!("{section}\n");
    match GOOD.contains(&head) {
        true => GOOD.replacen(&head, &format!("{head}{lines}\n"), 1),
        false => format!("{GOOD}{head}{lines}\n"),
    }
}

/// The text is refused, and one line of the error holds all the words and the line number of `at`.
fn check(text: &str, at: &str, words: &[&str]) {
    let dir = folder();
    let error = load_in(dir.path(), text).expect_err(&format!("accepted: {at}"));
    let line = match text.lines().position(|l| !at.is_empty() && l.contains(at)) {
        Some(n) => format!("test.toml:{}: ", n + 1),
        None => "test.toml".to_owned(),
    };
    let fits = |l: &str| l.contains(&line) && words.iter().all(|w| l.contains(w));
    assert!(error.0.lines().any(fits), "{at} {words:?}:\n{error}");
    assert!(!error.0.contains("s3cret"), "T83: {error}");
}
