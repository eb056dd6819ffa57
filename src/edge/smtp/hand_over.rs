//! Hands one letter over: to the relay, over the open connection or a new one, or into a Maildir. Whatever a
//! library does meanwhile ends this one attempt (T112).

use super::relay::{Dialogue, Handed, connect, quit, transaction};
use crate::app::{Claimed, Sent};
use crate::config::{SmtpConfig, SmtpWay};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::JoinHandle;

/// How an attempt ended.
pub struct Outcome {
    /// What became of the letter.
    pub sent: Sent,
    /// The relay says so, having seen this letter's addresses or bytes; otherwise it is our own finding.
    pub relay_says: bool,
    /// The connection, where it can be used again.
    pub connection: Option<Dialogue>,
}

impl Outcome {
    fn found(sent: Sent) -> Self {
        Self { sent, relay_says: false, connection: None }
    }
}

/// An attempt that goes on.
pub struct Attempt {
    task: JoinHandle<Outcome>,
    went: Arc<AtomicBool>,
}

impl Attempt {
    /// Begins to send a letter, over this connection where one is open.
    pub fn begin(
        config: Arc<SmtpConfig>,
        hello: String,
        connection: Option<Dialogue>,
        letter: Claimed,
    ) -> Self {
        let went = Arc::new(AtomicBool::new(false));
        let flag = went.clone();
        let task = tokio::spawn(async move { hand_over(&config, &hello, connection, &letter, &flag).await });
        Self { task, went }
    }

    /// Waits for its end. A panic ends the attempt and nothing else.
    pub async fn end(&mut self) -> Outcome {
        match (&mut self.task).await {
            Ok(outcome) => outcome,
            Err(e) => {
                tracing::error!("the attempt to send a letter broke off (a bug): {e}");
                let words = "the program could not read what the relay said".to_owned();
                Outcome::found(match self.went.load(Ordering::Relaxed) {
                    true => Sent::Unknown(words),
                    false => Sent::RelayAway(words),
                })
            }
        }
    }
}

impl Drop for Attempt {
    /// Whoever no longer waits for its end does not have it go on unseen.
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn hand_over(
    config: &SmtpConfig,
    hello: &str,
    connection: Option<Dialogue>,
    letter: &Claimed,
    went: &AtomicBool,
) -> Outcome {
    let (server, login) = match &config.way {
        SmtpWay::Maildir(folder) => return Outcome::found(to_maildir(folder, letter)),
        SmtpWay::Relay { server, login } => (server, login.as_ref()),
    };
    let mut open = connection;
    loop {
        let mut dialogue = match open.take() {
            Some(dialogue) => dialogue,
            None => match connect(server, login, hello).await {
                Ok(dialogue) => dialogue,
                Err(why) => return Outcome::found(Sent::RelayAway(why)),
            },
        };
        match transaction(&mut dialogue, letter, went).await {
            Handed::Ended(sent @ Sent::Accepted(_)) => {
                return Outcome { sent, relay_says: true, connection: Some(dialogue) };
            }
            // After any error the connection is not used again: its dialogue may be out of step.
            Handed::Ended(sent) => {
                quit(dialogue);
                return Outcome { sent, relay_says: true, connection: None };
            }
            Handed::NotSaid(sent) => return Outcome { sent, relay_says: false, connection: Some(dialogue) },
            // A relay may take one letter a connection, or some, or wait for none: a new one costs nothing.
            Handed::Closed(_) if dialogue.is_used() => {}
            Handed::Closed(why) => return Outcome::found(Sent::RelayAway(why)),
        }
    }
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
        Err(e) => Sent::RelayAway(format!("cannot write into {}: {e}", folder.display())),
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
        let letter =
            Claimed { id: 7, from: None, to, bytes: b"Subject: lamp\r\n\r\ndark\r\n".to_vec(), sheds: false };
        assert!(matches!(to_maildir(&folder, &letter), Sent::Accepted(_)));
        let mode = |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        let made = std::fs::read_dir(folder.join("new")).expect("a folder").next().expect("a file");
        assert_eq!((mode(&made.expect("a file").path()), mode(&folder.join("new"))), (0o600, 0o700));
    }
}
