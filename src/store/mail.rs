//! Mails that were taken in, and how they are known again (T17, T107).

use super::error::Result;
use super::transaction::Tx;
use super::{kept, sql};
use crate::desk::model::{Decision, Questions};
use crate::mail::{Inbound, Line, Sender};
use rusqlite::{Connection, params};

/// The mail that a decision is about.
pub struct Source<'a> {
    /// What its bytes mean.
    pub mail: &'a Inbound,
    /// Its bytes (zstd).
    pub packed: &'a [u8],
    /// What had to be known about it.
    pub questions: &'a Questions,
    /// Where it came from: `imap:support`, `maildir:support`, `stdin`.
    pub origin: String,
}

/// Keeps a mail with what became of it; its number.
pub fn keep(tx: &Tx<'_>, decision: &Decision, s: &Source<'_>, now: i64) -> Result<i64> {
    let m = s.mail;
    let text =
        "insert into mail (id, hash, message_id, from_address, subject, outcome, reason, ticket, source,
                                  size, received_at)
                values (?11, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let id = decision.mail;
    let values = params![
        m.content_hash.as_slice(),
        m.message_id.as_ref().map(|i| i.as_str()),
        from_of(m),
        Line::clean(&m.subject).as_str().to_owned(),
        decision.outcome.as_str(),
        decision.reason.to_string(),
        decision.ticket,
        &s.origin,
        sql::count(m.size),
        now,
        id,
    ];
    sql::run(tx.c, text, values)?;
    kept::keep(tx.c, id, s.packed)?;
    let text = "insert into known_id (id, mail) values (?1, ?2) on conflict do nothing";
    sql::run(tx.c, text, (id_key(s.questions), id))?;
    Ok(id)
}

/// The sender, for people who look at held mail.
fn from_of(m: &Inbound) -> Option<String> {
    match &m.from {
        Sender::One { address, .. } => Some(address.to_string()),
        Sender::Unclear { shown, .. } => shown.as_ref().map(|s| Line::clean(&s.address).as_str().to_owned()),
        Sender::Missing => None,
    }
}

/// The mail with the same content; `None`: it is new. T17: found by way of the Message-ID, proven by the hash
/// in the row.
pub fn duplicate(c: &Connection, q: &Questions) -> Result<Option<i64>> {
    let text = "select m.id from known_id k join mail m on m.id = k.mail where k.id = ?1 and m.hash = ?2";
    sql::first(c, text, (id_key(q), q.content_hash.as_slice()), |r| r.get(0))
}

/// T107: was a mail with this id taken in?
pub fn id_taken(c: &Connection, q: &Questions) -> Result<bool> {
    sql::exists(c, "select 1 from known_id where id = ?1 and mail <> 0", [id_key(q)])
}

/// T107: those of the signatures that were taken in.
pub fn taken_signatures(c: &Connection, asked: &[[u8; 32]]) -> Result<Vec<[u8; 32]>> {
    let mut out = Vec::new();
    for fingerprint in asked {
        let text = "select 1 from signature where fingerprint = ?1";
        if sql::exists(c, text, [fingerprint.as_slice()])? {
            out.push(*fingerprint);
        }
    }
    Ok(out)
}

/// T107: remembers a signature, so that it counts once.
pub fn take_signature(c: &Connection, fingerprint: &[u8; 32], now: i64) -> Result<()> {
    let text = "insert into signature (fingerprint, at) values (?1, ?2) on conflict do nothing";
    sql::run(c, text, (fingerprint.as_slice(), now))?;
    Ok(())
}

/// The id under which a mail is remembered; a mail without one is remembered by its hash.
fn id_key(q: &Questions) -> String {
    match &q.message_id {
        Some(id) => id.as_str().to_owned(),
        None => format!("hash {}", data_encoding::HEXLOWER.encode(&q.content_hash)),
    }
}
