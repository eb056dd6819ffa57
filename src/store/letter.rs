//! Letters: how one is queued, and what decisions must know of those that were made.

use super::error::Result;
use super::person::address;
use super::sql;
use super::transaction::Tx;
use crate::desk::model::LetterFile;
use crate::desk::model::{IdHit, Letter, LetterHit, LetterKind, LetterRef, LetterState};
use crate::desk::rules::Rules;
use crate::mail::Line;
use crate::mail::MessageId;
use rusqlite::{Connection, params};

/// The reason of letters that may have left before a backup was put in place.
const HANDLED_BEFORE: &str = "it follows from a mail older than the backup that was restored, and may have \
                              left before: maildesk outbox retry sends it, maildesk outbox cancel does not";

/// Queues a letter, due now unless it waits for the operator.
pub fn queue(tx: &Tx<'_>, rules: &Rules, l: &Letter, now: i64) -> Result<()> {
    let text = "insert into letter (id, kind, ticket, person, author, message, automatic, reverse_path,
                forward_path, counted_as, domain, message_id, subject, generation, state, reason, next_at,
                created_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?16, ?17, ?18, ?15)";
    let counted = rules.counted(&l.to);
    let values = params![
        l.id,
        l.kind.as_str(),
        l.ticket,
        l.person,
        l.author,
        l.message,
        l.automatic,
        l.reverse_path.as_ref().map(|a| a.as_str()),
        l.to.as_str(),
        counted.as_str(),
        if l.proven { "" } else { l.to.domain() },
        l.message_id.as_str(),
        l.subject,
        rules.keys.newest(),
        now,
        if l.waits { LetterState::Deferred } else { LetterState::Queued }.as_str(),
        if l.waits { HANDLED_BEFORE } else { "" },
        (!l.waits).then_some(now),
    ];
    sql::run(tx.c, text, values)?;
    let text = "insert into letter_bytes (letter, bytes, without_files) values (?1, ?2, ?3)";
    sql::run(tx.c, text, (l.id, &l.bytes, &l.without_files))?;
    for (place, f) in l.files.iter().enumerate() {
        let text = "insert into letter_file (letter, place, mail, part, filename, media_type)
             values (?1, ?2, ?3, ?4, ?5, ?6)";
        let values = (l.id, sql::count(place), f.mail, f.part, f.filename.as_str(), &f.media_type);
        sql::run(tx.c, text, values)?;
    }
    let text = "insert into known_id (id, letter) values (?1, ?2)";
    sql::run(tx.c, text, (l.message_id.as_str(), l.id))?;
    Ok(())
}

/// The files of a letter, in their order.
pub fn files(c: &Connection, letter: i64) -> Result<Vec<LetterFile>> {
    let text = "select mail, part, filename, media_type from letter_file where letter = ?1 order by place";
    sql::all(c, text, [letter], |r| {
        let filename = Line::clean(&r.get::<_, String>(2)?);
        Ok(LetterFile { mail: r.get(0)?, part: r.get(1)?, filename, media_type: r.get(3)? })
    })
}

/// A letter and its ticket; `None`: there is no letter of this number.
pub fn hit(c: &Connection, id: i64) -> Result<Option<(Option<i64>, LetterHit)>> {
    let text = "select ticket, kind, person, forward_path, message, generation, created_at
         from letter where id = ?1";
    sql::first(c, text, [id], |r| {
        let hit = LetterHit {
            letter: id,
            kind: kind(&r.get::<_, String>(1)?),
            person: r.get(2)?,
            to: address(&r.get::<_, String>(3)?),
            message: r.get(4)?,
            generation: r.get(5)?,
            created_at: r.get(6)?,
        };
        Ok((r.get(0)?, hit))
    })
}

/// What an id in In-Reply-To or References belongs to; `None`: it is nobody's.
pub fn id_hit(c: &Connection, id: &MessageId) -> Result<Option<IdHit>> {
    let text = "select k.letter, coalesce(l.ticket, m.ticket), l.kind, l.person, l.forward_path, l.message,
                l.generation, l.created_at
         from known_id k left join letter l on l.id = k.letter left join mail m on m.id = k.mail
         where k.id = ?1 order by k.letter desc limit 1";
    sql::first(c, text, [id.as_str()], |r| {
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
    })
}

/// What decisions must know of the letters of a ticket, oldest first.
pub fn references(c: &Connection, ticket: i64) -> Result<Vec<LetterRef>> {
    let text = "select id, kind, person, author, message, message_id, state = 'failed', created_at
         from letter where ticket = ?1 and kind <> 'link' order by id";
    sql::all(c, text, [ticket], |r| {
        let id: String = r.get(5)?;
        Ok(LetterRef {
            id: r.get(0)?,
            kind: kind(&r.get::<_, String>(1)?),
            person: r.get::<_, Option<i64>>(2)?.unwrap_or(0),
            author: r.get(3)?,
            message: r.get(4)?,
            message_id: MessageId::parse(&id)
                .unwrap_or_else(|| MessageId::parse("unreadable@invalid").expect("a literal")),
            failed: r.get(6)?,
            created_at: r.get(7)?,
        })
    })
}

/// What kind of letter it is.
pub fn kind(word: &str) -> LetterKind {
    LetterKind::from_word(word).unwrap_or(LetterKind::Summary)
}
