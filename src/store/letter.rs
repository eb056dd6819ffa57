//! Letters: how one is queued, and what is known of those that were made.

use super::error::Result;
use super::person::address;
use super::transaction::Tx;
use crate::desk::{IdHit, Letter, LetterHit, LetterKind, LetterRef, Rules};
use crate::mail::MessageId;
use rusqlite::{Connection, OptionalExtension};

/// Queues a letter, due now.
pub fn queue(tx: &Tx<'_>, rules: &Rules, l: &Letter, now: i64) -> Result<()> {
    tx.c.prepare_cached(
        "insert into letter (id, kind, ticket, person, author, message, automatic, reverse_path, forward_path, counted_as, domain,
                             message_id, subject, generation, state, reason, next_at, created_at)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', '', ?, ?)",
    )?
    .execute(rusqlite::params![
        l.id,
        l.kind.as_str(),
        l.ticket,
        l.person,
        l.author,
        l.message,
        l.automatic,
        l.reverse_path.as_ref().map(|a| a.as_str()),
        l.to.as_str(),
        rules.counted(&l.to).as_str(),
        if l.proven { "" } else { l.to.domain() },
        l.message_id.as_str(),
        l.subject,
        rules.keys.newest(),
        now,
        now,
    ])?;
    tx.c.prepare_cached("insert into letter_bytes (letter, bytes) values (?, ?)")?
        .execute((l.id, &l.bytes))?;
    tx.c.prepare_cached("insert into known_id (id, letter) values (?, ?)")?
        .execute((l.message_id.as_str(), l.id))?;
    Ok(())
}

/// (ticket, kind, person, author, message, to, created_at) of a letter.
pub fn hit(c: &Connection, id: i64) -> Result<Option<(Option<i64>, LetterHit)>> {
    let mut s = c.prepare_cached(
        "select ticket, kind, person, forward_path, message, generation, created_at from letter where id = ?",
    )?;
    let row = s.query_row([id], |r| {
        let to: String = r.get(3)?;
        Ok((
            r.get(0)?,
            LetterHit {
                letter: id,
                kind: LetterKind::from_word(&r.get::<_, String>(1)?).unwrap_or(LetterKind::Summary),
                person: r.get(2)?,
                to: address(&to),
                message: r.get(4)?,
                generation: r.get(5)?,
                created_at: r.get(6)?,
            },
        ))
    });
    Ok(row.optional()?)
}

/// What an id in In-Reply-To or References belongs to.
pub fn id_hit(c: &Connection, id: &MessageId) -> Result<Option<IdHit>> {
    let mut s = c.prepare_cached(
        "select k.letter, coalesce(l.ticket, m.ticket), l.kind, l.person, l.forward_path, l.message, l.generation, l.created_at
         from known_id k left join letter l on l.id = k.letter left join mail m on m.id = k.mail
         where k.id = ? order by k.letter desc limit 1",
    )?;
    let row = s.query_row([id.as_str()], |r| {
        let kind: Option<String> = r.get(2)?;
        let letter = match kind.as_deref().and_then(LetterKind::from_word) {
            Some(kind) => Some(LetterHit {
                letter: r.get(0)?,
                kind,
                person: r.get(3)?,
                to: address(&r.get::<_, String>(4)?),
                message: r.get(5)?,
                generation: r.get(6)?,
                created_at: r.get(7)?,
            }),
            None => None,
        };
        Ok(IdHit { id: id.clone(), ticket: r.get(1)?, letter })
    });
    Ok(row.optional()?)
}

/// What decisions must know of the letters of a ticket, oldest first.
pub fn references(c: &Connection, ticket: i64) -> Result<Vec<LetterRef>> {
    let mut s = c.prepare_cached(
        "select id, kind, person, author, message, message_id, state, created_at from letter where ticket = ? and kind != 'link' order by id",
    )?;
    let rows = s.query_map([ticket], |r| {
        let id: String = r.get(5)?;
        Ok(LetterRef {
            id: r.get(0)?,
            kind: LetterKind::from_word(&r.get::<_, String>(1)?).unwrap_or(LetterKind::Summary),
            person: r.get::<_, Option<i64>>(2)?.unwrap_or(0),
            author: r.get(3)?,
            message: r.get(4)?,
            message_id: MessageId::parse(&id)
                .unwrap_or_else(|| MessageId::parse("unreadable@invalid").expect("a literal")),
            failed: r.get::<_, String>(6)? == "failed",
            created_at: r.get(7)?,
        })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}
