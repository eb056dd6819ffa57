//! Takes in what is new in a folder. The mails are listed in windows of UIDs and fetched in batches; while
//! one batch is fetched, the one before is read and the one before that is written.

use super::mailbox::Mailbox;
use super::session::{Imap, Listed, Selected};
use crate::app::{Cursor, Desk, Looked, Position, Trouble, now};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Mails, and octets, of one FETCH and of one commit (PERFORMANCE).
const BATCH_MAILS: usize = 100;
const BATCH_BYTES: u64 = 1 << 20;
/// Octets between fetch and commit, in KiB: plain while a batch is read, packed while it waits for its
/// commit.
const GATE_KIB: u32 = 5 << 10;
/// Octets that are fetched of a mail beyond the limit: its header (T37).
const HEAD_BYTES: u64 = 256 << 10;
/// A larger mail is fetched in pieces, so that it is in memory once and not in the library's buffers as well.
const PIECE_BYTES: u64 = 1 << 20;
/// UIDs that are listed at once, and the most windows of one folder.
const WINDOW_UIDS: u32 = 5_000;
const WINDOWS_MAX: u32 = 200;

/// Bytes of a batch, and the room in the gate that they take until they are written.
type Fetched = (Vec<(Position, Vec<u8>)>, OwnedSemaphorePermit);

/// Takes in everything from the cursor on, in windows of UIDs: the list of a large mailbox is never whole
/// in memory.
pub async fn take_new(
    mailbox: &Mailbox,
    imap: &mut Imap,
    cursor: &Cursor,
    selected: &Selected,
) -> Result<(), String> {
    let mut from = cursor.next_uid;
    let window = window(from, selected);
    loop {
        let end = from.saturating_add(window - 1);
        let is_last = end >= selected.uid_next;
        // RFC 9051 §6.4.8: `n:*` always holds the last mail, even where its UID is below n.
        let set = if is_last { format!("{from}:*") } else { format!("{from}:{end}") };
        let mut listed = imap.list(&set).await?;
        listed.retain(|l| l.uid >= from);
        take_listed(mailbox, imap, cursor, listed).await?;
        if is_last {
            return mailbox.settle_left(imap, cursor.uid_validity).await;
        }
        from = end + 1;
    }
}

/// Takes in the mails of one window. After a change of UIDVALIDITY, those that came before the first connect
/// are passed over (T18).
async fn take_listed(
    mailbox: &Mailbox,
    imap: &mut Imap,
    cursor: &Cursor,
    listed: Vec<Listed>,
) -> Result<(), String> {
    let Some(last) = listed.last().map(|l| l.uid) else { return Ok(()) };
    let anew = cursor.history_below == 0;
    let (before, new): (Vec<Listed>, Vec<Listed>) =
        listed.into_iter().partition(|l| anew && l.internal_date < cursor.first_connect_at);
    take_all(mailbox, imap, cursor, &new).await?;
    if !before.is_empty() {
        let (name, uids) = (mailbox.name.clone(), before.iter().map(|l| l.uid).collect::<Vec<_>>());
        let validity = cursor.uid_validity;
        mailbox.ask(move |d| d.ledger().pass(&name, validity, &uids, last)).await?;
    }
    Ok(())
}

/// Three stages at once: one FETCH under way, the batch before it is read, the one before that is
/// written.
async fn take_all(mailbox: &Mailbox, imap: &mut Imap, cursor: &Cursor, new: &[Listed]) -> Result<(), String> {
    let gate = Arc::new(Semaphore::new(GATE_KIB as usize));
    let (to_reader, mut fetched) = mpsc::channel::<Fetched>(2);
    let (to_writer, mut read) = mpsc::channel::<(OwnedSemaphorePermit, Vec<Looked>)>(8);
    let (desk, names) = (mailbox.desk.clone(), mailbox.names.clone());
    let reader = tokio::task::spawn_blocking(move || -> Result<(), Trouble> {
        while let Some((mails, room)) = fetched.blocking_recv() {
            let mut looked: Vec<Looked> =
                mails.into_iter().map(|(at, raw)| desk.intake().look(raw, at)).collect();
            names.prove(&desk, &mut looked)?;
            looked.iter_mut().for_each(|l| l.bytes.pack());
            if to_writer.blocking_send((shrink(room, &looked), looked)).is_err() {
                break;
            }
        }
        Ok(())
    });
    let desk = mailbox.desk.clone();
    let writer = tokio::task::spawn_blocking(move || -> Result<(), Trouble> {
        while let Some((mut room, mut looked)) = read.blocking_recv() {
            // All mails that wait share one commit.
            while looked.len() < BATCH_MAILS
                && let Ok((more_room, more)) = read.try_recv()
            {
                room.merge(more_room);
                looked.extend(more);
            }
            take_patiently(&desk, looked)?;
            drop(room);
        }
        Ok(())
    });
    let fetching = fetch_all(mailbox, imap, cursor, new, &gate, to_reader).await;
    let bug = |_| "the program failed (a bug)".to_owned();
    let kept = |e: Trouble| format!("mail cannot be kept: {e}");
    reader.await.map_err(bug)?.map_err(kept)?;
    writer.await.map_err(bug)?.map_err(kept)?;
    fetching
}

/// Fetches batch after batch; each waits for room in the gate.
async fn fetch_all(
    mailbox: &Mailbox,
    imap: &mut Imap,
    cursor: &Cursor,
    new: &[Listed],
    gate: &Arc<Semaphore>,
    to_reader: mpsc::Sender<Fetched>,
) -> Result<(), String> {
    for batch in batches(new, mailbox.limits.mail_bytes_max) {
        let kib: u64 = batch.iter().map(|l| l.size / 1024 + 1).sum();
        let weight = u32::try_from(kib).unwrap_or(GATE_KIB).min(GATE_KIB);
        let room = gate.clone().acquire_many_owned(weight).await.expect("the gate stays open");
        let mails = fetch(mailbox, imap, cursor, batch).await?;
        if to_reader.send((mails, room)).await.is_err() {
            // The reader or the writer stopped; the caller tells why.
            return Ok(());
        }
    }
    Ok(())
}

/// The bytes of a batch. A mail that is listed and not sent is asked for once more; one that was deleted is
/// no fault.
async fn fetch(
    mailbox: &Mailbox,
    imap: &mut Imap,
    cursor: &Cursor,
    batch: &[Listed],
) -> Result<Vec<(Position, Vec<u8>)>, String> {
    let too_large = batch.len() == 1 && batch[0].size > mailbox.limits.mail_bytes_max;
    let part = too_large.then_some((0, HEAD_BYTES));
    let uids: Vec<u32> = batch.iter().map(|l| l.uid).collect();
    let mut got = match batch {
        [one] if !too_large && one.size > PIECE_BYTES => {
            imap.fetch_in_pieces(one.uid, one.size, PIECE_BYTES).await?
        }
        _ => imap.fetch(&uids, part).await?,
    };
    for uid in uids {
        if !got.iter().any(|(u, _)| *u == uid) {
            let again = imap.fetch(&[uid], part).await?;
            let there = !imap.list(&uid.to_string()).await?.is_empty();
            match (again.is_empty(), there) {
                (false, _) => got.extend(again),
                (true, false) => {
                    tracing::info!(mailbox = mailbox.name, uid, "a mail was deleted before it was fetched")
                }
                (true, true) => return Err(format!("the server lists UID {uid} and does not send it")),
            }
        }
    }
    got.sort_unstable_by_key(|(uid, _)| *uid);
    let position = |uid: u32| Position::Imap {
        mailbox: mailbox.name.clone(),
        uid_validity: cursor.uid_validity,
        uid,
        internal_date: batch.iter().find(|l| l.uid == uid).map_or_else(now, |l| l.internal_date),
        history: uid < cursor.history_below,
    };
    Ok(got.into_iter().map(|(uid, raw)| (position(uid), raw)).collect())
}
/// How many UIDs are listed at once. Where they lie far apart there are many, so that there are never more
/// than [`WINDOWS_MAX`] windows.
fn window(from: u32, selected: &Selected) -> u32 {
    let range = selected.uid_next.saturating_sub(from);
    if selected.exists <= WINDOW_UIDS { u32::MAX } else { WINDOW_UIDS.max(range / WINDOWS_MAX) }
}

/// Gives back the room that a batch took before it was packed.
fn shrink(mut room: OwnedSemaphorePermit, looked: &[Looked]) -> OwnedSemaphorePermit {
    let kib = looked.iter().map(|l| l.bytes.held() / 1024 + 1).sum::<usize>();
    drop(room.split(room.num_permits().saturating_sub(kib)));
    room
}

/// Waits while the store is busy or full; nothing is skipped (T86).
fn take_patiently(desk: &Desk, looked: Vec<Looked>) -> Result<(), Trouble> {
    let mut wait = Duration::from_secs(1);
    for attempt in 0.. {
        match desk.intake().take(&looked) {
            Ok(taken) => {
                for t in taken {
                    tracing::info!(mail.id = t.mail, ticket = t.ticket, "mail taken in: {}", t.outcome);
                }
                if attempt > 0 {
                    desk.condition().set("store", true, "mail is kept");
                }
                break;
            }
            Err(e @ (Trouble::Busy(_) | Trouble::Full(_))) if attempt < 8 => {
                tracing::error!("intake pauses: {e}");
                desk.condition().set("store", false, &e.to_string());
                std::thread::sleep(wait);
                wait = (wait * 2).min(Duration::from_secs(4));
            }
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Cuts a list into batches; a mail beyond the limit of size makes a batch of its own.
fn batches(listed: &[Listed], mail_bytes_max: u64) -> Vec<&[Listed]> {
    let mut out = Vec::new();
    let (mut from, mut bytes) = (0, 0);
    for (i, l) in listed.iter().enumerate() {
        let full =
            i > from && (bytes + l.size > BATCH_BYTES || i - from >= BATCH_MAILS || l.size > mail_bytes_max);
        if full {
            out.push(&listed[from..i]);
            (from, bytes) = (i, 0);
        }
        bytes += l.size;
    }
    if from < listed.len() {
        out.push(&listed[from..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_few_and_small() {
        let selected = |uid_next, exists| Selected { uid_validity: 1, uid_next, exists };
        assert_eq!(window(1, &selected(4_000_000_000, 5_000)), u32::MAX);
        assert_eq!(window(1, &selected(100_001, 100_000)), 5_000);
        assert_eq!(window(100_000, &selected(100_001, 100_000)), 5_000);
        assert_eq!(window(1, &selected(4_000_000_001, 6_000)), 20_000_000);
    }

    #[test]
    fn batches_keep_to_mails_and_bytes() {
        let mails = |sizes: &[u64]| {
            sizes
                .iter()
                .zip(1..)
                .map(|(s, uid)| Listed { uid, size: *s, internal_date: 0 })
                .collect::<Vec<_>>()
        };
        let lengths = |all: &[Listed]| batches(all, 50 << 20).iter().map(|b| b.len()).collect::<Vec<_>>();
        assert_eq!(lengths(&mails(&[1; 250])), [100, 100, 50]);
        assert_eq!(lengths(&mails(&[768 << 10, 512 << 10, 256 << 10, 60 << 20, 1])), [1, 2, 1, 1]);
        assert!(lengths(&[]).is_empty());
    }
}
