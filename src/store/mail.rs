//! Mails that were taken in, and how they are known again (T17, T107).

use super::error::Result;
use super::transaction::Tx;
use crate::desk::{Decision, Questions};
use crate::mail::Inbound;
use rusqlite::{Connection, OptionalExtension};

/// The mail that a decision is about.
pub struct Source<'a> {
    pub mail: &'a Inbound,
    pub packed: &'a [u8],
    pub questions: &'a Questions,
    /// `imap:support`, `maildir:support`, `stdin`: where it came from.
    pub origin: String,
}

/// Keeps a mail with what became of it; its number.
pub fn keep(tx: &Tx<'_>, decision: &Decision, s: &Source<'_>, now: i64) -> Result<i64> {
    let m = s.mail;
    tx.c.prepare_cached(
        "insert into mail (hash, message_id, from_address, subject, outcome, reason, ticket, source, size, received_at)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute((
        m.content_hash.as_slice(),
        m.message_id.as_ref().map(|i| i.as_str()),
        from_of(m),
        crate::mail::Line::clean(&m.subject).as_str(),
        decision.outcome.as_str(),
        &decision.reason,
        decision.ticket,
        &s.origin,
        i64::try_from(m.size).unwrap_or(i64::MAX),
        now,
    ))?;
    let id = tx.c.last_insert_rowid();
    tx.c.prepare_cached("insert into kept (mail, packed) values (?, ?)")?.execute((id, s.packed))?;
    tx.c.prepare_cached("insert or ignore into known_id (id, mail) values (?, ?)")?
        .execute((id_key(s.questions), id))?;
    Ok(id)
}

/// The sender for people who look at held mail.
fn from_of(m: &Inbound) -> Option<String> {
    match &m.from {
        crate::mail::Sender::One { address, .. } => Some(address.to_string()),
        crate::mail::Sender::Unclear { shown, .. } => {
            shown.as_ref().map(|s| crate::mail::Line::clean(&s.address).as_str().to_owned())
        }
        crate::mail::Sender::Missing => None,
    }
}

/// T17: found by way of the Message-ID, proven by the hash in the row.
pub fn duplicate(c: &Connection, q: &Questions) -> Result<Option<i64>> {
    let key = id_key(q);
    let mut s = c.prepare_cached(
        "select m.id from known_id k join mail m on m.id = k.mail where k.id = ? and m.hash = ?",
    )?;
    Ok(s.query_row((key, q.content_hash.as_slice()), |r| r.get(0)).optional()?)
}

/// T107: a mail with this id was taken in.
pub fn id_taken(c: &Connection, q: &Questions) -> Result<bool> {
    let mut s = c.prepare_cached("select 1 from known_id where id = ? and mail <> 0")?;
    Ok(s.exists([id_key(q)])?)
}

/// T107: those of the signatures that were taken in.
pub fn taken_signatures(c: &Connection, asked: &[[u8; 32]]) -> Result<Vec<[u8; 32]>> {
    let mut s = c.prepare_cached("select 1 from signature where fingerprint = ?")?;
    let mut out = Vec::new();
    for fingerprint in asked {
        if s.exists([fingerprint.as_slice()])? {
            out.push(*fingerprint);
        }
    }
    Ok(out)
}

/// The id under which a mail is remembered; a mail without one is remembered by its hash.
pub fn id_key(q: &Questions) -> String {
    match &q.message_id {
        Some(id) => id.as_str().to_owned(),
        None => format!("hash {}", data_encoding::HEXLOWER.encode(&q.content_hash)),
    }
}
