//! Sends what is due, letter by letter, and says how each ended.

use super::relay::{connect, no_operation, quit, transaction};
use crate::app::{Claimed, Desk, Sent};
use crate::config::{SmtpConfig, SmtpWay, Tls};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use std::path::Path;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// A connection without work is closed after this.
const IDLE: Duration = Duration::from_secs(5);
/// Letters that are claimed at a time.
const CLAIM_LETTERS: usize = 20;

/// Sends what is due until `shutdown` becomes true.
pub async fn run(config: SmtpConfig, hello: String, desk: Desk, mut shutdown: watch::Receiver<bool>) {
    let mut connection: Option<AsyncSmtpConnection> = None;
    while !*shutdown.borrow() {
        let claimed = {
            let desk = desk.clone();
            tokio::task::spawn_blocking(move || desk.outbox().claim(CLAIM_LETTERS))
                .await
                .expect("claiming does not panic")
        };
        let due = claimed.unwrap_or_else(|e| {
            tracing::error!("letters cannot be claimed: {e}");
            Vec::new()
        });
        if due.is_empty() {
            let wait = if connection.is_some() { IDLE } else { until_due(&desk).await };
            tokio::select! {
                () = desk.wake().notified() => {}
                () = tokio::time::sleep(wait) => if let Some(old) = connection.take() { quit(old) },
                _ = shutdown.changed() => {}
            }
            continue;
        }
        for letter in due {
            let id = letter.id;
            let ending = *shutdown.borrow();
            if ending {
                // The lease ends with this process; the row is due again at the next start.
                break;
            }
            let sent = send_letter(&config, &hello, &mut connection, letter).await;
            note_result(&sent, id, &desk);
            let desk = desk.clone();
            let settled = tokio::task::spawn_blocking(move || desk.outbox().settle(id, sent)).await;
            if let Ok(Err(e)) = settled {
                tracing::error!(letter.id = id, "a letter cannot be settled: {e}");
            }
        }
    }
    if let Some(old) = connection {
        quit(old);
    }
}

/// How long to sleep: until the next letter is due, at most half a minute.
async fn until_due(desk: &Desk) -> Duration {
    let desk = desk.clone();
    let next = tokio::task::spawn_blocking(move || desk.outbox().next_due()).await;
    let seconds = next.ok().and_then(Result::ok).flatten().unwrap_or(30);
    Duration::from_secs(seconds.clamp(1, 30))
}

/// Writes one log line for a letter, and notes how the relay does.
fn note_result(sent: &Sent, id: i64, desk: &Desk) {
    let (good, word) = match sent {
        Sent::Accepted(_) => (true, "sent"),
        Sent::Refused(_) => (true, "refused"),
        Sent::Deferred(_) => (false, "deferred"),
        Sent::Unknown(_) => (false, "unknown"),
    };
    tracing::info!(letter.id = id, "letter {word}");
    let desk = desk.clone();
    let detail = if good {
        "letters leave".to_owned()
    } else {
        "the relay does not take letters; see maildesk outbox list".to_owned()
    };
    tokio::task::spawn_blocking(move || desk.condition().set("smtp", good, &detail));
}

/// Sends one letter, over the open connection or a new one, which stays open where all went well.
async fn send_letter(
    config: &SmtpConfig,
    hello: &str,
    connection: &mut Option<AsyncSmtpConnection>,
    letter: Claimed,
) -> Sent {
    let (server, login) = match &config.way {
        SmtpWay::Maildir(folder) => return to_maildir(folder, &letter),
        SmtpWay::Relay { server, login } => (server, login.as_ref()),
    };
    let mut open = match connection.take() {
        Some(open) => open,
        None => match connect(server, login, hello).await {
            Ok(open) => open,
            Err(why) => return Sent::Deferred(why),
        },
    };
    let sent = transaction(&mut open, &letter).await;
    // After any error the connection is not used again: its dialogue may be out of step.
    if matches!(sent, Sent::Accepted(_)) && !open.has_broken() {
        *connection = Some(open);
    } else {
        quit(open);
    }
    sent
}

/// Sends some mails now, one after the other, and says how each ended.
pub async fn send_now(config: &SmtpConfig, hello: &str, mails: Vec<Claimed>) -> Vec<(i64, Sent)> {
    let mut connection = None;
    let mut out = Vec::with_capacity(mails.len());
    for mail in mails {
        out.push((mail.id, send_letter(config, hello, &mut connection, mail).await));
    }
    if let Some(mut open) = connection {
        let _ = timeout(Duration::from_secs(5), open.quit()).await;
    }
    out
}

/// Writes a letter into a Maildir: into `tmp`, then to the disk, then into `new`.
fn to_maildir(folder: &Path, letter: &Claimed) -> Sent {
    use std::io::Write;
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    let name = format!("{}.{}.maildesk", crate::app::now(), letter.id);
    let write = || -> std::io::Result<()> {
        for part in ["tmp", "new", "cur"] {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder.join(part))?;
        }
        let tmp = folder.join("tmp").join(&name);
        let open = std::fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&tmp);
        let mut file = open?;
        file.write_all(&letter.bytes)?;
        file.sync_all()?;
        std::fs::rename(&tmp, folder.join("new").join(&name))?;
        // Without it a loss of power could take back what the desk counts as sent.
        std::fs::File::open(folder.join("new"))?.sync_all()
    };
    match write() {
        Ok(()) => Sent::Accepted("written to the Maildir".into()),
        Err(e) => Sent::Deferred(format!("cannot write into {}: {e}", folder.display())),
    }
}

/// Proves for `check` that letters can leave: connects to the relay, upgrades to TLS, signs in.
pub async fn probe(config: &SmtpConfig, hello: &str) -> Result<String, String> {
    match &config.way {
        SmtpWay::Maildir(folder) => match std::fs::create_dir_all(folder) {
            Ok(()) => Ok(format!("letters are written to {}", folder.display())),
            Err(e) => Err(format!("cannot write into {}: {e}", folder.display())),
        },
        SmtpWay::Relay { server, login } => {
            let mut open = connect(server, login.as_ref(), hello).await?;
            let place = format!("{}:{}", server.host, server.port);
            no_operation(&mut open, &place).await?;
            quit(open);
            let tls = match server.tls {
                Tls::None => "in clear, on loopback",
                Tls::Implicit | Tls::StartTls => "by TLS, certificate checked",
            };
            Ok(format!("{place} takes letters, {tls}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn t84_letters_in_a_maildir_are_their_owners_alone() {
        let room = tempfile::tempdir().expect("a folder");
        let folder = room.path().join("out");
        let to = crate::mail::AddrSpec::parse("alice@customer.example").expect("an address");
        let letter = Claimed { id: 7, from: None, to, bytes: b"Subject: lamp\r\n\r\ndark\r\n".to_vec() };
        assert!(matches!(to_maildir(&folder, &letter), Sent::Accepted(_)));
        let mode = |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        let made = std::fs::read_dir(folder.join("new")).expect("a folder").next().expect("a file");
        assert_eq!((mode(&made.expect("a file").path()), mode(&folder.join("new"))), (0o600, 0o700));
    }
}
