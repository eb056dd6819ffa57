//! `check`: proves with the real servers that the installation works, and says what to do where it does not.

use crate::app::Desk;
use crate::config::{Config, MailSource, SmtpWay, Tls};
use crate::edge::cli::{Done, Exit, out};
use crate::edge::{imap, smtp};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;

/// One finding.
struct Finding {
    what: String,
    good: bool,
    detail: String,
    advice: String,
}

impl Finding {
    fn of(what: impl Into<String>, found: Result<String, String>, advice: &str) -> Self {
        let what = what.into();
        match found {
            Ok(detail) => Self { what, good: true, detail, advice: String::new() },
            Err(detail) => Self { what, good: false, detail, advice: advice.to_owned() },
        }
    }
}

pub fn run(config: &Config, as_json: bool) -> Done {
    let mut all = vec![Finding::of("configuration", Ok(format!("{} is read", config.file.display())), "")];
    all.extend(config.warnings.iter().map(|w| Finding::of("configuration", Ok(w.clone()), "")));
    // 78 and 74 as in every command: without its store there is no desk to check.
    let desk = Desk::open(config)?;
    all.push(Finding::of("store", store(config), "restore a backup with maildesk restore FILE"));
    all.push(Finding::of("rights", rights(config), "chmod 700 the data folder and 600 the files in it"));
    let staff = desk.staff()?;
    let anybody = if staff.is_empty() { Err("nobody is staff".to_owned()) } else { Ok(format!("{} staff", staff.len())) };
    all.push(Finding::of("staff", anybody, "add somebody: maildesk staff add ADDRESS --name NAME"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for mailbox in &config.mailboxes {
        let found = match &mailbox.source {
            MailSource::Imap { .. } => runtime.block_on(imap::probe(mailbox)),
            MailSource::Maildir(folder) if folder.join("new").is_dir() => Ok(format!("{} is a Maildir", folder.display())),
            MailSource::Maildir(folder) => Err(format!("{} is no Maildir", folder.display())),
        };
        let advice = "look at host, port, tls, user and password of this [[mailbox]]";
        all.push(Finding::of(format!("mailbox {}", mailbox.name), found, advice));
    }
    let hello = config.desk.address.domain();
    let relay = runtime.block_on(smtp::probe(&config.smtp, hello));
    all.push(Finding::of("smtp", relay, "look at host, port, tls, user and password of [smtp]"));
    all.push(Finding::of("web", web(config), "name a free address in [web] listen"));
    let clear = matches!(&config.smtp.way, SmtpWay::Relay { server, .. } if server.tls == Tls::None);
    if clear {
        all.push(Finding::of("tls", Ok("the relay is spoken to in clear, on loopback only".into()), ""));
    }
    print(&all, as_json)?;
    Ok(if all.iter().all(|f| f.good) { Exit::Good } else { Exit::Negative })
}

fn print(all: &[Finding], as_json: bool) -> Done {
    if as_json {
        let rows = all.iter().map(|f| json!({"what": f.what, "good": f.good, "detail": f.detail, "advice": f.advice}));
        return out::json(&Value::Array(rows.collect()));
    }
    let rows = all.iter().map(|f| {
        let text = if f.advice.is_empty() { f.detail.clone() } else { format!("{}; {}", f.detail, f.advice) };
        vec![f.what.clone(), if f.good { "good" } else { "BAD" }.to_owned(), text]
    });
    out::table(&["what", "state", "detail"], rows.collect(), "")
}

fn store(config: &Config) -> Result<String, String> {
    let size = std::fs::metadata(config.data.dir.join("desk.db")).map_or(0, |m| m.len());
    Ok(format!("encrypted, opens with its key, {} KiB", size / 1024))
}

/// Nothing in the data folder is open to others (T84).
fn rights(config: &Config) -> Result<String, String> {
    let loose = |path: &std::path::Path| std::fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o077 != 0);
    let mut paths = vec![config.data.dir.clone(), config.data.key_file.clone()];
    paths.extend(std::fs::read_dir(&config.data.dir).into_iter().flatten().flatten().map(|e| e.path()));
    match paths.iter().find(|p| loose(p)) {
        Some(path) => Err(format!("{} is open to others", path.display())),
        None => Ok("data folder and key are closed to others".into()),
    }
}

/// The port is ours (a daemon answers), or free.
fn web(config: &Config) -> Result<String, String> {
    let place = config.web.listen;
    match std::net::TcpListener::bind(place) {
        Ok(_) => Ok(format!("{place} is free; no daemon serves the pages now")),
        Err(e) if e.kind() == std::io::ErrorKind::AddrInUse => Ok(format!("{place} is served")),
        Err(e) => Err(format!("cannot listen on {place}: {e}")),
    }
}
