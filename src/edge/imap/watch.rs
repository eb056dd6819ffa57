//! Watches one mailbox: connects, takes in what is new, waits for more, again and again.

use super::intake::take_new;
use super::mailbox::Mailbox;
use super::session::{Imap, Selected, Woken};
use crate::app::{Cursor, Desk, now};
use crate::config::{Limits, MailboxConfig};
use crate::edge::dns::Names;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// RFC 2177: IDLE is ended and begun again before 29 minutes. A new SELECT comes with it, so a server that
/// tells nothing is asked all the same.
const IDLE: Duration = Duration::from_secs(9 * 60);
/// The longest pause before the next attempt to connect.
const BACKOFF_MAX: Duration = Duration::from_secs(60);

/// Watches a mailbox until `shutdown` becomes true; a fault of the server never ends it.
pub async fn run(
    mailbox: MailboxConfig,
    limits: Limits,
    desk: Desk,
    names: Arc<Names>,
    mut shutdown: watch::Receiver<bool>,
) {
    let Some(mailbox) = Mailbox::new(mailbox, limits, desk, names) else { return };
    let mut backoff = Duration::from_secs(1);
    while !*shutdown.borrow() {
        let began = Instant::now();
        let ended = tokio::select! {
            ended = session(&mailbox) => ended,
            _ = shutdown.changed() => break,
        };
        if let Err(why) = ended {
            tracing::warn!(mailbox = mailbox.name, "{why}");
            mailbox.health(false, &why).await;
        }
        if began.elapsed() > BACKOFF_MAX {
            backoff = Duration::from_secs(1);
        }
        // A random part of a second: several mailboxes of one server do not connect again at the same time.
        let jitter = u64::from(jiff::Timestamp::now().subsec_nanosecond().unsigned_abs() % 500);
        tokio::select! {
            () = tokio::time::sleep(backoff + Duration::from_millis(jitter)) => {}
            _ = shutdown.changed() => {}
        }
        backoff = (backoff * 2).min(BACKOFF_MAX);
    }
}

/// One connection, until it breaks.
async fn session(mailbox: &Mailbox) -> Result<(), String> {
    let mut imap =
        Imap::open(&mailbox.server, &mailbox.login, mailbox.limits.mail_bytes_max + 65_536).await?;
    if let Some(done) = &mailbox.done {
        imap.make_folder(done).await.map_err(|e| format!("the folder done cannot be made: {e}"))?;
    }
    loop {
        let selected = imap.select("SELECT", &mailbox.folder).await?;
        let cursor = cursor(mailbox, &selected).await?;
        mailbox.settle_left(&mut imap, cursor.uid_validity).await?;
        take_new(mailbox, &mut imap, &cursor, &selected).await?;
        mailbox.health(true, "open, mail is taken in").await;
        // A mail that came during a command was told with its answer; the server does not tell it again in
        // IDLE.
        if imap.changed {
            continue;
        }
        if imap.can_idle {
            match imap.idle(IDLE).await? {
                Woken::Changed | Woken::TimeOver => {}
            }
        } else {
            tokio::time::sleep(mailbox.poll).await;
        }
    }
}

/// What is remembered of this mailbox; made at the first connect, and made anew when UIDVALIDITY changed
/// (T18).
async fn cursor(mailbox: &Mailbox, selected: &Selected) -> Result<Cursor, String> {
    let name = mailbox.name.clone();
    let known = mailbox.ask(move |d| d.ledger().cursor(&name)).await?;
    let new = match known {
        Some(cursor) if cursor.uid_validity == selected.uid_validity => return Ok(cursor),
        Some(old) => {
            tracing::warn!(
                mailbox = mailbox.name,
                "UIDVALIDITY changed: every mail is compared with what was taken in"
            );
            Cursor { uid_validity: selected.uid_validity, next_uid: 1, history_below: 0, ..old }
        }
        None => Cursor {
            uid_validity: selected.uid_validity,
            next_uid: if mailbox.start_all { 1 } else { selected.uid_next },
            first_connect_at: now(),
            // Never 0 at a first connect: 0 says that UIDVALIDITY changed.
            history_below: selected.uid_next.max(1),
        },
    };
    let (name, row) = (mailbox.name.clone(), new.clone());
    mailbox.ask(move |d| d.ledger().set_cursor(&name, &row)).await?;
    Ok(new)
}
