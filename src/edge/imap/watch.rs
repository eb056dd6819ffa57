//! Watches one mailbox: connects, takes in what is new, waits for more, again and again.

use super::awaited::ask_again;
use super::fault::Fault;
use super::intake::take_new;
use super::mailbox::Mailbox;
use super::session::{Imap, Selected, Woken};
use super::went_back::compare;
use crate::app::{Cursor, Desk, now};
use crate::config::{Limits, MailboxConfig};
use crate::edge::dns::Names;
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// After so long a time the folder is selected anew, since some servers tell nothing in IDLE; what was
/// refused is tried again, and UIDs are compared.
const ANEW: Duration = Duration::from_secs(5 * 60);
/// A server that does not say UIDVALIDITY so often in a row gives it no longer.
const UNSAID_MAX: u32 = 3;
/// What a server that tells nothing for its silence may take at most.
const SILENCE_MAX: Duration = Duration::from_secs(300);

/// Watches a mailbox until `shutdown` becomes true; a fault of the server never ends it.
pub async fn run(
    mailbox: MailboxConfig,
    limits: Limits,
    desk: Desk,
    names: Arc<Names>,
    shutdown: watch::Receiver<bool>,
) {
    let Some(mailbox) = Mailbox::new(mailbox, limits, desk, names) else { return };
    watch_mailbox(&mailbox, shutdown).await;
}

/// What is known of a server from its earlier connections.
#[derive(Debug, Default)]
struct Memory {
    /// It does not begin IDLE, though it announces it.
    no_idle: bool,
    /// Mail was taken in since the last failure.
    worked: bool,
    /// Connections in a row that ended in silence: each gives the next more time.
    silent: u32,
    /// Looks in a row in which the server did not say UIDVALIDITY, though it did before.
    unsaid: u32,
    /// A session ended while mail was flagged or moved; when, and how. For a while that is left alone.
    house: Option<(Instant, String)>,
}

/// A panic, ours or a library's, ends one connection and not the task (T112).
async fn guarded(session: impl Future<Output = Result<(), Fault>>) -> Result<(), Fault> {
    let ended = AssertUnwindSafe(session).catch_unwind().await;
    ended.unwrap_or_else(|_| {
        Err(Fault::Store("the program failed over an answer of the server (a bug)".to_owned()))
    })
}

/// Connects again and again.
pub(super) async fn watch_mailbox(mailbox: &Mailbox, mut shutdown: watch::Receiver<bool>) {
    let mut backoff = mailbox.pace.backoff;
    let mut memory = Memory::default();
    while !*shutdown.borrow() {
        memory.worked = false;
        let ended = tokio::select! {
            ended = guarded(session(mailbox, &mut memory)) => ended,
            _ = shutdown.changed() => break,
        };
        let why = match ended {
            Ok(()) => continue,
            Err(fault) => {
                let silent = matches!(fault, Fault::Silent(_));
                memory.silent = if silent { memory.silent + 1 } else { 0 };
                memory.no_idle |= matches!(&fault, Fault::Silent(verb) if verb == "IDLE");
                fault.to_string()
            }
        };
        tracing::warn!(mailbox = mailbox.name, "{why}");
        mailbox.health(false, &why).await;
        if memory.worked {
            backoff = mailbox.pace.backoff;
        }
        // A random part of a second: several mailboxes of one server do not connect again at the same time.
        let jitter = u64::from(jiff::Timestamp::now().subsec_nanosecond().unsigned_abs() % 500);
        let jitter = Duration::from_millis(jitter).min(backoff / 2);
        tokio::select! {
            () = tokio::time::sleep(backoff + jitter) => {}
            _ = shutdown.changed() => {}
        }
        backoff = (backoff * 2).min(mailbox.pace.backoff_max);
    }
}

/// One connection, until it breaks.
async fn session(mailbox: &Mailbox, memory: &mut Memory) -> Result<(), Fault> {
    let literal_max = mailbox.limits.mail_bytes_max + 65_536;
    let silence = (mailbox.pace.silence * 2_u32.pow(memory.silent.min(3))).min(SILENCE_MAX);
    let mut imap = Imap::open(&mailbox.server, &mailbox.login, literal_max, silence).await?;
    let mut compared: Option<Instant> = None;
    loop {
        let is_due = compared.is_none_or(|at| at.elapsed() >= ANEW);
        if is_due {
            // Outcomes are compared then, and the session before this one may have left mails that wait.
            mailbox.waiting.over().await;
        }
        mailbox.waiting.forget_ended();
        let selected = imap.select("SELECT", &mailbox.folder).await?;
        let cursor = cursor(mailbox, &selected, memory).await?;
        let cursor = compare(mailbox, &mut imap, cursor, &selected, is_due).await?;
        if is_due {
            compared = Some(Instant::now());
        }
        let is_new = take_new(mailbox, &mut imap, &cursor, &selected).await?;
        let hands_out_nothing = ask_again(mailbox, &mut imap, &cursor).await?;
        (memory.worked, memory.silent) = (true, 0);
        let trouble = keep_house(mailbox, &mut imap, cursor.uid_validity, memory).await?;
        let mut detail = "open, mail is taken in".to_owned();
        if hands_out_nothing {
            detail = "open, and the server hands out no mail".to_owned();
        }
        if let Some(refused) = trouble {
            tracing::warn!(mailbox = mailbox.name, "mail that was taken in stays where it is: {refused}");
            detail.push_str(&format!("; what was taken in stays in the folder: {refused}"));
        }
        detail.push_str(&mailbox.remarks(cursor.uid_validity).await);
        if let Some(words) = &imap.told {
            detail.push_str(&format!("; the server says: {words}"));
        }
        mailbox.health(!hands_out_nothing, &detail).await;
        let began = Instant::now();
        let due = mailbox.due_in(cursor.uid_validity).await.map_or(ANEW, |due| due.min(ANEW));
        wait(mailbox, &mut imap, memory, due).await?;
        // A server that tells of a change again and again, or ends each wait at once, is not asked without
        // end.
        if !is_new {
            tokio::time::sleep(mailbox.pace.pause.saturating_sub(began.elapsed())).await;
        }
    }
}

/// Flags or moves what was taken in; a refusal stops nothing, and a session that ends over it is not followed
/// by the next. `None`: all is well; else why not.
async fn keep_house(
    mailbox: &Mailbox,
    imap: &mut Imap,
    validity: i64,
    memory: &mut Memory,
) -> Result<Option<String>, Fault> {
    if let Some((at, how)) = &memory.house
        && at.elapsed() < ANEW
    {
        return Ok(Some(how.clone()));
    }
    memory.house = None;
    let kept = async {
        let Some(done) = &mailbox.done else { return mailbox.settle_left(imap, validity, None).await };
        match imap.make_folder(done).await {
            Ok(done) => mailbox.settle_left(imap, validity, Some(&done)).await,
            Err(fault) if fault.session_lives() => Ok(Some(fault)),
            Err(lost) => Err(lost),
        }
    };
    match kept.await {
        Ok(refused) => Ok(refused.map(|fault| fault.to_string())),
        Err(lost) => {
            memory.house = Some((Instant::now(), lost.to_string()));
            Err(lost)
        }
    }
}

/// Until there is news, or the folder is to be looked at anyway.
async fn wait(mailbox: &Mailbox, imap: &mut Imap, memory: &Memory, at_most: Duration) -> Result<(), Fault> {
    let began = Instant::now();
    // A mail that came during a command was told with its answer; the server does not tell it again in IDLE.
    while !imap.changed && !mailbox.waiting.has_ended() && began.elapsed() < at_most {
        if !imap.can("IDLE") || imap.refuses_idle || memory.no_idle {
            tokio::time::sleep(mailbox.poll.min(at_most)).await;
            return Ok(());
        }
        if imap.idle(mailbox.pace.idle.min(at_most.saturating_sub(began.elapsed()))).await? == Woken::Changed
        {
            return Ok(());
        }
    }
    Ok(())
}

/// What is remembered of this mailbox; made at the first connect, and made anew when UIDVALIDITY changed
/// (T18).
async fn cursor(mailbox: &Mailbox, selected: &Selected, memory: &mut Memory) -> Result<Cursor, Fault> {
    // An empty folder begins with what comes first.
    let uid_next = selected.uid_next.unwrap_or(1);
    let name = mailbox.name.clone();
    let known = mailbox.ask(move |d| d.ledger().cursor(&name)).await?;
    let new = match known {
        Some(cursor) if cursor.uid_validity == selected.uid_validity => {
            memory.unsaid = 0;
            return Ok(cursor);
        }
        Some(_) if selected.uid_validity == 0 && memory.unsaid < UNSAID_MAX => {
            memory.unsaid += 1;
            return Err(Fault::Setup("the server does not say UIDVALIDITY, which it said before".into()));
        }
        Some(old) => {
            tracing::warn!(
                mailbox = mailbox.name,
                "UIDVALIDITY changed: every mail is compared with what was taken in"
            );
            Cursor {
                uid_validity: selected.uid_validity,
                next_uid: 1,
                history_below: uid_next,
                changed: true,
                ..old
            }
        }
        None => Cursor {
            uid_validity: selected.uid_validity,
            next_uid: if mailbox.start_all { 1 } else { uid_next },
            first_connect_at: now(),
            history_below: uid_next.max(1),
            changed: false,
        },
    };
    let (name, row) = (mailbox.name.clone(), new.clone());
    mailbox.ask(move |d| d.ledger().set_cursor(&name, &row)).await?;
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn t112_a_panic_ends_one_connection() {
        let failed = guarded(async { panic!("over an answer") }).await;
        assert!(failed.is_err_and(|fault| fault.to_string().contains("a bug")));
        assert_eq!(guarded(async { Ok(()) }).await, Ok(()));
    }
}
