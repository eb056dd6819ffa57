//! The way of letters out: one row per letter and recipient (HOUSE, the way of a letter out).

use super::error::Result;
use super::letter::kind;
use super::transaction::Tx;
use super::{letter, sql};
use crate::desk::model::bounds::LETTERS_LOOKED_AT_MAX;
use crate::desk::model::listed::OutboxEntry;
use crate::desk::model::{LetterFile, LetterState};
use rusqlite::{Connection, Row};

/// A letter to be sent now.
pub struct Due {
    /// Its number.
    pub id: i64,
    /// Reverse-path (RFC 5321 §4.1.1.2); `None` is `<>`.
    pub reverse_path: Option<String>,
    /// Forward-path (RFC 5321 §4.1.1.3).
    pub forward_path: String,
    /// All of it, as it leaves.
    pub bytes: Vec<u8>,
    /// What comes into it when it is sent.
    pub files: Vec<LetterFile>,
    /// It can leave again without its files.
    pub sheds: bool,
}

/// How an attempt to send a letter ended.
pub struct End<'a> {
    /// How it stands now.
    pub state: LetterState,
    /// In the words of the relay.
    pub reason: &'a str,
    /// When it is due again; seconds since 1970. `None`: never by itself.
    pub next_at: Option<i64>,
    /// It is due before, where the relay takes letters again.
    pub waits_for_relay: bool,
}

/// One daemon a folder: at its start every lease of the one before is void, and the relay is asked anew.
pub fn void_leases(tx: &Tx<'_>, now: i64) -> Result<()> {
    // The second condition is that of the index `letter_open`.
    let text = "update letter set state = 'queued', next_at = ?1
         where state = 'claimed' and state not in ('sent', 'cancelled')";
    sql::run(tx.c, text, [now])?;
    relay_answers(tx, i64::MAX, now)
}

/// The relay takes letters again: those that waited for it, and were tried so often at most, are due now.
pub fn relay_answers(tx: &Tx<'_>, attempts_max: i64, now: i64) -> Result<()> {
    let text = "update letter set next_at = ?1, waits_for_relay = false
         where waits_for_relay and state = 'deferred' and attempts <= ?2";
    sql::run(tx.c, text, (now, attempts_max))?;
    Ok(())
}

/// The relay is at fault, and so nothing was decided about this letter: it is due at `next_at`, and the
/// attempt does not count. An answer that failed stays so, since its author was told.
pub fn put_back(tx: &Tx<'_>, id: i64, reason: &str, next_at: i64, now: i64) -> Result<()> {
    // When this was written is kept, so that the time of a clock that was ahead is found (T93).
    let text = "update letter set state = 'deferred', reason = ?1, next_at = ?2, settled_at = ?4,
           waits_for_relay = true,
           attempts = case when state = 'claimed' then attempts - 1 else attempts end
         where id = ?3 and (state in ('claimed', 'deferred') or (state = 'failed' and kind <> 'answer'))";
    sql::run(tx.c, text, (reason, next_at, id, now))?;
    Ok(())
}

/// Letters that were given up: (those to staff, the others).
pub fn failed(c: &Connection) -> Result<(i64, i64)> {
    let text = "select kind, count(*) from letter
         where state not in ('sent', 'cancelled')
           and (state = 'failed' or (state = 'unknown' and next_at is null))
         group by kind";
    let (mut staff, mut others) = (0, 0);
    for (word, n) in sql::all(c, text, [], |r| Ok((r.get::<_, String>(0)?, r.get::<_, i64>(1)?)))? {
        *(if kind(&word).is_for_staff() { &mut staff } else { &mut others }) += n;
    }
    Ok((staff, others))
}

/// Letters that are claimed.
pub fn claimed(c: &Connection) -> Result<Vec<i64>> {
    let text = "select id from letter where state = 'claimed' and state not in ('sent', 'cancelled')";
    sql::all(c, text, [], |r| r.get(0))
}

/// A letter whose time has come.
struct Waiting {
    id: i64,
    /// Its last attempt had no end.
    had_no_end: bool,
    /// What goes before what: letters that the relay did not refuse, those to people outside, those without
    /// files, each by their time.
    rank: (bool, bool, bool, i64, i64),
}

/// Letters whose time has come, in the order in which they go. Behind a long queue the newest are looked at,
/// too: who writes now is not kept waiting by what an outage left (T115). The one that waits longest goes
/// with each batch, as its last.
fn waiting(tx: &Tx<'_>, most: usize, behind: &[i64], now: i64) -> Result<Vec<Waiting>> {
    let row = |r: &Row<'_>| {
        let (id, next_at): (i64, i64) = (r.get(0)?, r.get(1)?);
        let for_staff = kind(&r.get::<_, String>(2)?).is_for_staff();
        let rank = (behind.contains(&id), for_staff, r.get(4)?, next_at, id);
        Ok(Waiting { id, had_no_end: r.get(3)?, rank })
    };
    let looked_at = most.max(LETTERS_LOOKED_AT_MAX);
    let ends = ["l.next_at, l.id", "l.next_at desc, l.id desc"].map(|order| {
        let text = format!(
            "select l.id, l.next_at, l.kind, l.state = 'queued' and l.attempts > 0,
               exists (select 1 from letter_file f where f.letter = l.id)
             from letter l
             where l.next_at <= ?1 and l.state in ('queued', 'deferred', 'unknown')
             order by {order} limit ?2"
        );
        sql::all(tx.c, &text, (now, sql::count(looked_at)), row)
    });
    let [oldest, newest] = ends;
    let mut all = oldest?;
    let longest = all.first().map(|w| w.id);
    all.extend(newest?);
    all.sort_by_key(|w| w.rank);
    all.dedup_by_key(|w| w.id);
    if let Some(at) = all.iter().position(|w| Some(w.id) == longest).filter(|at| *at >= most) {
        let longest = all.remove(at);
        all.insert(most.saturating_sub(1), longest);
    }
    all.truncate(most);
    Ok(all)
}

/// Claims letters whose time has come: at most so many, and only as many as have room together in so many
/// octets, but for a single one. One whose last attempt had no end goes alone, with nothing beside it: it may
/// be what ended the program (T34). `behind`: these go behind all others.
pub fn claim(tx: &Tx<'_>, most: usize, bytes_max: u64, behind: &[i64], now: i64) -> Result<Vec<Due>> {
    let (mut due, mut room): (Vec<Due>, u64) = (Vec::new(), bytes_max);
    let beside = !claimed(tx.c)?.is_empty();
    for Waiting { id, had_no_end, .. } in waiting(tx, most, behind, now)? {
        if had_no_end && (beside || !due.is_empty()) {
            continue;
        }
        let text = "select b.bytes, b.without_files is not null, l.reverse_path, l.forward_path
             from letter l join letter_bytes b on b.letter = l.id where l.id = ?1";
        let row = |r: &Row<'_>| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?));
        let (bytes, sheds, reverse_path, forward_path): (Vec<u8>, bool, _, _) =
            sql::one(tx.c, text, [id], row)?;
        // A mail holds its files encoded, so it is no smaller than what comes of it.
        let text = "select coalesce(sum(size), 0) from mail
             where id in (select mail from letter_file where letter = ?1)";
        let files: i64 = sql::one(tx.c, text, [id], |r| r.get(0))?;
        let size = u64::try_from(files).unwrap_or(0) + bytes.len() as u64;
        if size > room && !due.is_empty() {
            continue;
        }
        room = room.saturating_sub(size);
        let text =
            "update letter set state = 'claimed', attempts = attempts + 1, next_at = null where id = ?1";
        sql::run(tx.c, text, [id])?;
        due.push(Due { id, reverse_path, forward_path, bytes, files: letter::files(tx.c, id)?, sheds });
        if had_no_end {
            break;
        }
    }
    Ok(due)
}

/// When the next letter is due; `None`: nothing waits.
pub fn next_due(c: &Connection) -> Result<Option<i64>> {
    sql::one(c, "select min(next_at) from letter where next_at is not null", [], |r| r.get(0))
}

/// (attempts, had the last one no answer after DATA?) of a letter; `None`: there is none of this number.
pub fn attempts(c: &Connection, id: i64) -> Result<Option<(i64, bool)>> {
    let text = "select attempts, unanswered from letter where id = ?1";
    sql::first(c, text, [id], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// The end of a letter, or of this attempt.
pub fn settle(tx: &Tx<'_>, id: i64, end: &End<'_>, now: i64) -> Result<()> {
    let text = "update letter set state = ?1, reason = ?2, next_at = ?3, settled_at = ?4, unanswered = ?5,
           waits_for_relay = ?6
         where id = ?7";
    let unanswered = end.state == LetterState::Unknown;
    let values = (end.state.as_str(), end.reason, end.next_at, now, unanswered, end.waits_for_relay, id);
    sql::run(tx.c, text, values)?;
    Ok(())
}

/// The letter leaves without its files from now on: with its other words, under the same id.
pub fn leave_files_out(tx: &Tx<'_>, id: i64) -> Result<()> {
    let text = "update letter_bytes set bytes = without_files, without_files = null
         where letter = ?1 and without_files is not null";
    sql::run(tx.c, text, [id])?;
    sql::run(tx.c, "delete from letter_file where letter = ?1", [id])?;
    Ok(())
}

/// Keeps so many octets of a letter that left: head and text stay with the ticket, its files go.
pub fn shorten(tx: &Tx<'_>, id: i64, bytes_max: usize) -> Result<()> {
    let text =
        "update letter_bytes set bytes = substr(bytes, 1, ?2) where letter = ?1 and length(bytes) > ?2";
    sql::run(tx.c, text, (id, sql::count(bytes_max)))?;
    let text = "update letter_bytes set without_files = null where letter = ?1 and without_files is not null";
    sql::run(tx.c, text, [id])?;
    sql::run(tx.c, "delete from letter_file where letter = ?1", [id])?;
    Ok(())
}

/// What the relay called our letter (D15).
pub fn alias(tx: &Tx<'_>, letter: i64, id: &str) -> Result<()> {
    let text = "insert into known_id (id, letter) values (?1, ?2) on conflict do nothing";
    sql::run(tx.c, text, (id, letter))?;
    Ok(())
}

fn entry(r: &Row<'_>) -> rusqlite::Result<OutboxEntry> {
    Ok(OutboxEntry {
        id: r.get("id")?,
        kind: kind(&r.get::<_, String>("kind")?),
        to: r.get("forward_path")?,
        subject: r.get("subject")?,
        state: LetterState::from_word(&r.get::<_, String>("state")?).unwrap_or(LetterState::Failed),
        reason: r.get("reason")?,
        attempts: r.get("attempts")?,
        next_at: r.get("next_at")?,
        ticket: r.get("ticket")?,
        created_at: r.get("created_at")?,
    })
}

/// Letters that wait or failed, oldest first.
pub fn list(c: &Connection) -> Result<Vec<OutboxEntry>> {
    // Put in order here: for the order of their numbers the planner walks every letter ever.
    let mut rows = sql::all(c, "select * from letter where state not in ('sent', 'cancelled')", [], entry)?;
    rows.sort_by_key(|e| e.id);
    Ok(rows)
}

/// Letters that wait or failed, oldest first; those that are being sent are not among them.
pub fn open(c: &Connection) -> Result<Vec<i64>> {
    let text = "select id from letter where state not in ('sent', 'cancelled') and state <> 'claimed'";
    let mut ids: Vec<i64> = sql::all(c, text, [], |r| r.get(0))?;
    ids.sort_unstable();
    Ok(ids)
}

/// Makes these letters due now.
pub fn retry(tx: &Tx<'_>, ids: &[i64], now: i64) -> Result<()> {
    let text = "update letter set state = 'queued', next_at = ?1, waits_for_relay = false where id = ?2";
    ids.iter().try_for_each(|id| sql::run(tx.c, text, (now, id)).map(drop))
}

/// These letters never leave.
pub fn cancel(tx: &Tx<'_>, ids: &[i64], now: i64) -> Result<()> {
    let text = "update letter set state = 'cancelled', next_at = null, settled_at = ?1 where id = ?2";
    ids.iter().try_for_each(|id| sql::run(tx.c, text, (now, id)).map(drop))
}

/// Is this a letter that waits or failed?
pub fn exists(c: &Connection, id: i64) -> Result<bool> {
    sql::exists(c, "select 1 from letter where id = ?1 and state not in ('sent', 'cancelled')", [id])
}

/// The reason of letters that waited in a backup.
const RESTORED: &str = "it waited in a backup that was restored, and may have left before: maildesk outbox \
                        retry sends it, maildesk outbox cancel does not";

/// A backup was put in place: what waits in it is due by no clock, and older mail was most likely handled
/// before.
pub fn note_restored(c: &Connection, now: i64) -> Result<()> {
    let text = "update letter set state = 'deferred', next_at = null, waits_for_relay = false, reason = ?1
         where state not in ('sent', 'cancelled') and (next_at is not null or state = 'claimed')";
    sql::run(c, text, [RESTORED])?;
    let text = "insert into restored (id, at) values (1, ?1) on conflict (id) do update set at = excluded.at";
    sql::run(c, text, [now])?;
    Ok(())
}

/// When a backup was put in place last; seconds since 1970. `None`: never.
pub fn restored_at(c: &Connection) -> Result<Option<i64>> {
    sql::first(c, "select at from restored where id = 1", [], |r| r.get(0))
}
