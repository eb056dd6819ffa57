//! Takes in what is new in a folder. The mails are listed in windows of UIDs and fetched in batches; while
//! one batch is fetched, the one before is read and the one before that is written.

use super::fault::Fault;
use super::fetch::{Batch, Single, fetch_batch, fetch_single};
use super::mailbox::Mailbox;
use super::read::{Fetched, Got, Read, Reader, Room};
use super::session::{Imap, Listed, Selected};
use super::write::take_patiently;
use crate::app::{Cursor, Looked, Position, Said, Trouble};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};

/// Mails, and octets, of one FETCH and of one commit (PERFORMANCE).
const BATCH_MAILS: usize = 100;
const BATCH_BYTES: u64 = 1 << 20;
/// Octets between fetch and commit, in KiB: plain while a batch is read, packed while it waits for its
/// commit.
const GATE_KIB: u32 = 5 << 10;
/// A larger mail is fetched alone and in pieces, so that it is in memory once.
const ALONE_BYTES: u64 = 1 << 20;
/// UIDs that are listed at once, and the most windows of one folder.
const WINDOW_UIDS: u32 = 5_000;
const WINDOWS_MAX: u32 = 200;
/// Sets that a server may refuse to list at one look.
const REFUSALS_MAX: u32 = 64;

/// Takes in everything from the cursor on, in windows of UIDs: the list of a large mailbox is never whole
/// in memory. True: there was something new.
pub async fn take_new(
    mailbox: &Mailbox,
    imap: &mut Imap,
    cursor: &Cursor,
    selected: &Selected,
) -> Result<bool, Fault> {
    // Some servers refuse every set for an empty folder.
    if selected.exists == Some(0) {
        return Ok(false);
    }
    let (name, validity) = (mailbox.name.clone(), cursor.uid_validity);
    let awaited = mailbox.ask(move |d| d.ledger().awaited(&name, validity)).await?;
    // Those that wait for names are asked for by nobody else, too.
    let waiting = mailbox.waiting.uids(validity);
    let awaited: HashSet<u32> = awaited.into_iter().map(|a| a.uid).chain(waiting).collect();
    let mut from = cursor.next_uid;
    let window = window(from, selected);
    let mut is_new = false;
    loop {
        let end = from.saturating_add(window - 1);
        let is_last = selected.uid_next.is_none_or(|next| end >= next);
        // RFC 9051 §6.4.8: `n:*` always holds the last mail, even where its UID is below n.
        let set = if is_last { format!("{from}:*") } else { format!("{from}:{end}") };
        let is_empty = selected.uid_next.is_some_and(|next| from >= next);
        match imap.list(&set).await {
            Ok(mut listed) => {
                listed.retain(|l| l.uid >= from && !awaited.contains(&l.uid));
                let few = selected.exists.is_none_or(|n| n <= WINDOW_UIDS) || window <= WINDOW_UIDS;
                if few && !is_empty {
                    find_unlisted(mailbox, imap, cursor, &set, (from, &listed, &awaited)).await?;
                }
                is_new |= !listed.is_empty();
                take_listed(mailbox, imap, cursor, listed).await?;
            }
            // Some servers refuse a set in which there is nothing.
            Err(fault) if fault.session_lives() && is_empty => {}
            Err(fault) if fault.session_lives() => {
                let last = selected.uid_next.map_or(end, |next| end.min(next - 1));
                take_around(mailbox, imap, cursor, (from, last, &awaited)).await?;
                is_new = true;
            }
            Err(fault) => return Err(fault),
        }
        if is_last {
            return Ok(is_new);
        }
        from = end + 1;
    }
}

/// Notes mails that SEARCH finds and that the list does not name: each is asked for alone.
async fn find_unlisted(
    mailbox: &Mailbox,
    imap: &mut Imap,
    cursor: &Cursor,
    set: &str,
    (from, listed, awaited): (u32, &[Listed], &HashSet<u32>),
) -> Result<(), Fault> {
    let last = listed.last().map_or(u32::MAX, |l| l.uid);
    // Without a gap nothing is missing.
    if (last - from) as usize + 1 == listed.len() {
        return Ok(());
    }
    let found = imap.search(set).await?.unwrap_or_default();
    let named: HashSet<u32> = listed.iter().map(|l| l.uid).collect();
    let missing = |uid: &u32| *uid >= from && !named.contains(uid) && !awaited.contains(uid);
    await_all(mailbox, cursor, found.into_iter().filter(missing).collect()).await
}

async fn await_all(mailbox: &Mailbox, cursor: &Cursor, uids: Vec<u32>) -> Result<(), Fault> {
    if uids.is_empty() {
        return Ok(());
    }
    let (name, validity) = (mailbox.name.clone(), cursor.uid_validity);
    mailbox.ask(move |d| d.ledger().await_mails(&name, validity, &uids)).await
}

/// The server refuses to list these: the set is halved until the mails stand alone for which it does. The
/// others are taken in, lowest first.
async fn take_around(
    mailbox: &Mailbox,
    imap: &mut Imap,
    cursor: &Cursor,
    (from, last, awaited): (u32, u32, &HashSet<u32>),
) -> Result<(), Fault> {
    let (mut sets, mut refusals) = (vec![(from, last)], 0);
    while let Some((low, high)) = sets.pop() {
        match imap.list(&format!("{low}:{high}")).await {
            Ok(mut listed) => {
                listed.retain(|l| (low..=high).contains(&l.uid) && !awaited.contains(&l.uid));
                take_listed(mailbox, imap, cursor, listed).await?;
            }
            Err(fault) if fault.session_lives() && low == high => {
                let is_gone = imap.search(&low.to_string()).await?.is_some_and(|all| !all.contains(&low));
                if !is_gone {
                    await_all(mailbox, cursor, vec![low]).await?;
                }
            }
            Err(fault) if fault.session_lives() && refusals < REFUSALS_MAX => {
                refusals += 1;
                let middle = low + (high - low) / 2;
                sets.extend([(middle + 1, high), (low, middle)]);
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

/// Takes in the mails of one window. After a change of UIDVALIDITY, those that came before the first connect
/// are passed over (T18). They are noted first: were the program to end now, nobody would take them for new.
async fn take_listed(
    mailbox: &Mailbox,
    imap: &mut Imap,
    cursor: &Cursor,
    listed: Vec<Listed>,
) -> Result<(), Fault> {
    let Some(last) = listed.last().map(|l| l.uid) else { return Ok(()) };
    let (before, new): (Vec<Listed>, Vec<Listed>) =
        listed.into_iter().partition(|l| mailbox.is_before(cursor, l));
    let (name, validity) = (mailbox.name.clone(), cursor.uid_validity);
    if !before.is_empty() {
        let before: Vec<(u32, Said)> =
            before.iter().map(|l| (l.uid, Said { size: l.size, date: l.date })).collect();
        let name = name.clone();
        mailbox.ask(move |d| d.ledger().pass(&name, validity, &before)).await?;
    }
    take_all(mailbox, imap, cursor, &new).await?;
    mailbox.ask(move |d| d.ledger().advance(&name, validity, last)).await
}

/// Takes in mails that were fetched already.
pub async fn take_mails(
    mailbox: &Mailbox,
    cursor: &Cursor,
    mails: Vec<(Listed, Vec<u8>)>,
) -> Result<(), Fault> {
    let (desk, names) = (mailbox.desk.clone(), mailbox.names.clone());
    let mails: Vec<_> = mails.into_iter().map(|mail| Got::new(mailbox, cursor, mail)).collect();
    let taken = tokio::task::spawn_blocking(move || {
        let mut looked: Vec<Looked> = mails.into_iter().map(|got| got.look(&desk)).collect();
        names.prove(&desk, &mut looked)?;
        looked.iter_mut().for_each(|l| l.bytes.pack());
        take_patiently(&desk, looked)
    });
    taken.await.map_err(|_| bug())?.map_err(|e| not_kept(&e))
}

fn bug() -> Fault {
    Fault::Store("the program failed (a bug)".to_owned())
}

fn not_kept(trouble: &Trouble) -> Fault {
    Fault::Store(format!("mail cannot be kept: {trouble}"))
}

/// Three stages at once: one FETCH under way, the batch before it is read, the one before that is
/// written. Mails about which a name server keeps silent wait beside all three, and longer.
async fn take_all(mailbox: &Mailbox, imap: &mut Imap, cursor: &Cursor, new: &[Listed]) -> Result<(), Fault> {
    let gate = Arc::new(Semaphore::new(GATE_KIB as usize));
    let (to_reader, fetched) = mpsc::channel::<Fetched>(2);
    let (to_writer, mut read) = mpsc::channel::<Read>(8);
    let reader = Reader::new(mailbox, cursor.uid_validity, to_writer);
    let reader = tokio::task::spawn_blocking(move || reader.read_all(fetched));
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
    reader.await.map_err(|_| bug())?.map_err(|e| not_kept(&e))?;
    writer.await.map_err(|_| bug())?.map_err(|e| not_kept(&e))?;
    fetching
}

/// Fetches batch after batch; each waits for room in the gate. What does not come is noted before its
/// neighbours are handed on, so that the cursor loses nothing.
async fn fetch_all(
    mailbox: &Mailbox,
    imap: &mut Imap,
    cursor: &Cursor,
    new: &[Listed],
    gate: &Arc<Semaphore>,
    to_reader: mpsc::Sender<Fetched>,
) -> Result<(), Fault> {
    let poison = mailbox.desk.poison();
    let goes_alone = |l: &Listed| poison.goes_alone(&mailbox.position(cursor, l));
    for batch in batches(new, goes_alone) {
        let places: Vec<Position> = batch.iter().map(|l| mailbox.position(cursor, l)).collect();
        let alone = goes_alone(&batch[0]);
        let kib: u64 = batch.iter().map(|l| l.size.unwrap_or(0) / 1024 + 1).sum();
        let weight = if alone { GATE_KIB } else { u32::try_from(kib).unwrap_or(GATE_KIB).min(GATE_KIB) };
        let permit = gate.clone().acquire_many_owned(weight).await.expect("the gate stays open");
        if let Some(why) = poison.given_up(&places[0]) {
            let place = places[0].clone();
            mailbox.ask(move |d| d.intake().hold_without_bytes(place, why)).await?;
            continue;
        }
        let room = Room::new(permit, mailbox.under_way(&places).await, alone);
        let mut got = fetch(mailbox, imap, batch).await;
        if !got.missing.is_empty() {
            let (name, validity, uids) = (mailbox.name.clone(), cursor.uid_validity, got.missing);
            mailbox.ask(move |d| d.ledger().await_mails(&name, validity, &uids)).await?;
        }
        got.mails.sort_unstable_by_key(|(l, _)| l.uid);
        let mails = got.mails.into_iter().map(|mail| Got::new(mailbox, cursor, mail)).collect();
        if to_reader.send((mails, room)).await.is_err() {
            // The reader or the writer stopped; the caller tells why.
            return Ok(());
        }
        if let Some(lost) = got.lost {
            return Err(lost);
        }
    }
    Ok(())
}

/// The bytes of a batch.
async fn fetch(mailbox: &Mailbox, imap: &mut Imap, batch: &[Listed]) -> Batch {
    let lenient = mailbox.counts_oddly();
    let [one] = batch else { return fetch_batch(imap, batch, lenient).await };
    if one.size.is_none_or(|size| size <= ALONE_BYTES) {
        return fetch_batch(imap, batch, lenient).await;
    }
    match fetch_single(imap, one, mailbox.limits.mail_bytes_max).await {
        Ok(Single::Mail(raw)) if is_whole(one, &raw, mailbox.limits.mail_bytes_max) => {
            Batch { mails: vec![(*one, raw)], ..Batch::default() }
        }
        Ok(_) => Batch { missing: vec![one.uid], ..Batch::default() },
        Err(lost) => Batch { missing: vec![one.uid], lost: Some(lost), ..Batch::default() },
    }
}

/// As many octets as were announced, or the header of a mail beyond the limit.
fn is_whole(one: &Listed, raw: &[u8], mail_bytes_max: u64) -> bool {
    super::fetch::is_as_announced(one, raw) || one.size.is_some_and(|size| size > mail_bytes_max)
}

/// How many UIDs are listed at once. Where they lie far apart there are many, so that there are never more
/// than [`WINDOWS_MAX`] windows.
fn window(from: u32, selected: &Selected) -> u32 {
    let range = selected.uid_next.unwrap_or(from).saturating_sub(from);
    let many = selected.exists.is_some_and(|n| n > WINDOW_UIDS);
    if many { WINDOW_UIDS.max(range / WINDOWS_MAX) } else { u32::MAX }
}

/// Cuts a list into batches; a large mail, and one that goes alone, makes a batch of its own.
fn batches(listed: &[Listed], goes_alone: impl Fn(&Listed) -> bool) -> Vec<&[Listed]> {
    let mut out = Vec::new();
    let (mut from, mut bytes, mut was_alone) = (0, 0_u64, false);
    for (i, l) in listed.iter().enumerate() {
        let (size, alone) = (l.size.unwrap_or(0), goes_alone(l));
        let full = bytes.saturating_add(size) > BATCH_BYTES || i - from >= BATCH_MAILS;
        if i > from && (full || alone || was_alone) {
            out.push(&listed[from..i]);
            (from, bytes) = (i, 0);
        }
        bytes = bytes.saturating_add(size);
        was_alone = alone;
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
        let selected = |uid_next, exists| Selected {
            uid_validity: 1,
            uid_next: Some(uid_next),
            says_next: true,
            exists: Some(exists),
        };
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
                .map(|(s, uid)| Listed { uid, size: Some(*s), date: None })
                .collect::<Vec<_>>()
        };
        let lengths =
            |all: &[Listed]| batches(all, |l| l.uid == 7_000).iter().map(|b| b.len()).collect::<Vec<_>>();
        assert_eq!(lengths(&mails(&[1; 250])), [100, 100, 50]);
        assert_eq!(lengths(&mails(&[768 << 10, 512 << 10, 256 << 10, 60 << 20, 1])), [1, 2, 1, 1]);
        assert!(lengths(&[]).is_empty());
        let mut some = mails(&[1; 5]);
        some[2].uid = 7_000;
        assert_eq!(lengths(&some), [2, 1, 2], "one that goes alone");
    }
}
