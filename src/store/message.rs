//! What was said in tickets, and the files that came with it.

use super::error::Result;
use super::mail::Source;
use super::sql;
use super::transaction::Tx;
use crate::desk::model::listed::{FileRow, MessageRow};
use crate::desk::model::{Kind, MessageRef, NewMessage, Verified, Via};
use crate::desk::right::Sight;
use crate::mail::{Attachment, Inbound, MessageId};
use rusqlite::{Connection, Row, params};
use std::collections::BTreeMap;

impl MessageRow {
    /// What decides about who may see it.
    pub fn sight(&self) -> Sight {
        Sight { id: self.id, kind: self.kind, author: self.author, shown: self.shown, private: self.private }
    }
}

/// Where a file stands.
pub struct Place {
    /// The ticket of its message.
    pub ticket: i64,
    /// The message that it came with.
    pub message: i64,
    /// The mail that holds its bytes.
    pub mail: Option<i64>,
    /// The file itself.
    pub file: FileRow,
}

/// The messages of a ticket, oldest first.
pub fn of_ticket(c: &Connection, ticket: i64) -> Result<Vec<MessageRow>> {
    let text = "select m.*, coalesce(p.address, '') as author_address
         from message m left join person p on p.id = m.author where m.ticket = ?1 order by m.id";
    let mut rows = sql::all(c, text, [ticket], from_row)?;
    for m in &mut rows {
        m.files = files(c, m.id)?;
    }
    Ok(rows)
}

/// The newest messages of a ticket that `sees` lets through and that stand before the one of this number,
/// oldest first: so many octets of words, and at least one message. And whether it lets earlier ones through.
pub fn newest(
    c: &Connection,
    (ticket, before): (i64, i64),
    bytes_max: usize,
    sees: impl Fn(&MessageRow) -> Result<bool>,
) -> Result<(Vec<MessageRow>, bool)> {
    let text = "select m.*, coalesce(p.address, '') as author_address
         from message m left join person p on p.id = m.author where m.ticket = ?1 and m.id < ?2
         order by m.id desc";
    let mut statement = c.prepare_cached(text)?;
    let mut rows = statement.query((ticket, before))?;
    let (mut out, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let mut m = from_row(row)?;
        if !sees(&m)? {
            continue;
        }
        bytes += m.text.len() + m.quoted.len() + m.signature.len();
        if bytes > bytes_max && !out.is_empty() {
            out.reverse();
            return Ok((out, true));
        }
        m.files = files(c, m.id)?;
        out.push(m);
    }
    out.reverse();
    Ok((out, false))
}

/// What decides about who may see a message, and the ticket in which it was said, if not in the one where it
/// stands; `None`: there is no such message.
pub fn sight(c: &Connection, message: i64) -> Result<Option<(Sight, Option<i64>)>> {
    let text = "select id, kind, author, shown, private, origin from message where id = ?1";
    sql::first(c, text, [message], |r| {
        let (id, author) = (r.get(0)?, r.get(2)?);
        let kind = kind(&r.get::<_, String>(1)?);
        Ok((Sight { id, kind, author, shown: r.get(3)?, private: r.get(4)? }, r.get(5)?))
    })
}

fn from_row(r: &Row<'_>) -> rusqlite::Result<MessageRow> {
    Ok(MessageRow {
        id: r.get("id")?,
        origin: r.get("origin")?,
        kind: kind(&r.get::<_, String>("kind")?),
        via: Via::from_word(&r.get::<_, String>("via")?).unwrap_or(Via::Email),
        author: r.get("author")?,
        author_name: r.get("author_name")?,
        author_address: r.get("author_address")?,
        mail: r.get("mail")?,
        message_id: r.get("message_id")?,
        subject: r.get("subject")?,
        text: r.get("text")?,
        quoted: r.get("quoted")?,
        signature: r.get("signature")?,
        verified: Verified::from_word(&r.get::<_, String>("verified")?),
        automatic: r.get("automatic")?,
        private: r.get("private")?,
        shown: r.get("shown")?,
        created_at: r.get("created_at")?,
        files: Vec::new(),
    })
}

/// Who says a message. What no version of ours wrote is no word of a person.
pub fn kind(word: &str) -> Kind {
    Kind::from_word(word).unwrap_or(Kind::System)
}

/// The files of a message, in their order.
pub fn files(c: &Connection, message: i64) -> Result<Vec<FileRow>> {
    let text = "select id, part, filename, media_type, size, sha256, outside from attachment
         where message = ?1 order by id";
    sql::all(c, text, [message], |r| {
        Ok(FileRow {
            id: r.get(0)?,
            part: r.get(1)?,
            filename: r.get(2)?,
            media_type: r.get(3)?,
            size: r.get(4)?,
            sha256: r.get(5)?,
            outside: r.get(6)?,
        })
    })
}

/// Where the file of this number stands; `None`: there is none.
pub fn file(c: &Connection, id: i64) -> Result<Option<Place>> {
    let text = "select m.ticket, m.id, m.mail from attachment a join message m on m.id = a.message
         where a.id = ?1";
    let found = sql::first(c, text, [id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    let Some((ticket, message, mail)) = found else { return Ok(None) };
    Ok(files(c, message)?.into_iter().find(|f| f.id == id).map(|file| Place { ticket, message, mail, file }))
}

/// Brings the rows of the files of a message in step. The nth keeps its number, so that links to it stay
/// right. `inside`: parts that customers do not get by today's rules; what they did not get they never do.
/// Were they other?
pub fn set_files(tx: &Tx<'_>, message: i64, kind: Kind, inside: &[u32], mail: &Inbound) -> Result<bool> {
    let (c, now) = (tx.c, &mail.attachments);
    let rows = files(c, message)?;
    let same = |(r, a): (&FileRow, &Attachment)| {
        (r.part, &r.filename, &r.media_type, r.size, &r.sha256[..])
            == (a.part, &a.filename, &a.media_type, sql::count(a.size), &a.sha256[..])
            && !(r.outside && inside.contains(&a.part))
    };
    if rows.len() == now.len() && rows.iter().zip(now).all(same) {
        return Ok(false);
    }
    for (row, a) in rows.iter().zip(now) {
        let text = "update attachment set part = ?2, filename = ?3, media_type = ?4, size = ?5, sha256 = ?6,
             outside = ?7 where id = ?1";
        let (size, outside) = (sql::count(a.size), row.outside && !inside.contains(&a.part));
        let values = (row.id, a.part, &a.filename, &a.media_type, size, a.sha256.as_slice(), outside);
        sql::run(c, text, values)?;
    }
    let new = now.get(rows.len()..).unwrap_or_default();
    let unseen: Vec<u32> = new.iter().filter(|_| kind != Kind::Customer).map(|a| a.part).collect();
    add_files(c, message, new, &unseen)?;
    for row in rows.iter().skip(now.len()) {
        sql::run(c, "delete from attachment where id = ?1", [row.id])?;
    }
    Ok(true)
}

/// `inside`: the parts among them that customers do not get.
fn add_files(c: &Connection, message: i64, files: &[Attachment], inside: &[u32]) -> Result<()> {
    let text = "insert into attachment (message, part, filename, media_type, size, sha256, outside)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    for a in files {
        let (size, outside) = (sql::count(a.size), !inside.contains(&a.part));
        let values = (message, a.part, &a.filename, &a.media_type, size, a.sha256.as_slice(), outside);
        sql::run(c, text, values)?;
    }
    Ok(())
}

/// What decisions must know of the messages of a ticket, oldest first.
pub fn references(c: &Connection, ticket: i64) -> Result<Vec<MessageRef>> {
    let text = "select id, kind, author, message_id, shown and not automatic, created_at, origin, verified
         from message where ticket = ?1 order by id";
    sql::all(c, text, [ticket], |r| {
        Ok(MessageRef {
            id: r.get(0)?,
            kind: kind(&r.get::<_, String>(1)?),
            author: r.get(2)?,
            message_id: r.get::<_, Option<String>>(3)?.and_then(|m| MessageId::parse(&m)),
            shown: r.get(4)?,
            created_at: r.get(5)?,
            origin: r.get(6)?,
            proven: Verified::from_word(&r.get::<_, String>(7)?).proven(),
        })
    })
}

/// T72: the words of the newest messages of a ticket, together no more than so many octets: whole as they
/// came, of staff only what was relayed.
pub fn said(c: &Connection, ticket: i64, bytes_max: usize) -> Result<BTreeMap<i64, String>> {
    let newest =
        "select id from message where ticket = ?1 and kind in ('customer', 'staff') order by id desc";
    let numbers: Vec<i64> = sql::all(c, newest, [ticket], |r| r.get(0))?;
    let text = "select case kind when 'customer' then text || ?2 || quoted || ?2 || signature else text end
         from message where id = ?1";
    let (mut out, mut room) = (BTreeMap::new(), bytes_max);
    for id in numbers {
        let words: String = sql::one(c, text, (id, "\n"), |r| r.get(0))?;
        if words.len() > room {
            break;
        }
        room -= words.len();
        out.insert(id, words);
    }
    Ok(out)
}

/// Writes a new message with its files, and remembers its words for the search. `source`: the number of the
/// mail in hand, and that mail; it counts where the message came from it.
pub fn write(tx: &Tx<'_>, m: &NewMessage, source: Option<(i64, &Source<'_>)>, now: i64) -> Result<()> {
    let source = source.filter(|_| m.from_mail);
    let message_id = source.and_then(|(_, s)| s.mail.message_id.as_ref()).map(|i| i.as_str().to_owned());
    let text = "insert into message (id, ticket, kind, via, author, author_name, mail, message_id, subject,
                text, quoted, signature, verified, automatic, private, shown, created_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    let values = params![
        m.id,
        m.ticket,
        m.kind.as_str(),
        m.via.as_str(),
        m.author,
        m.author_name,
        source.map(|(id, _)| id),
        message_id,
        m.subject,
        m.text,
        m.quoted,
        m.signature,
        m.verified.as_str(),
        m.automatic,
        m.private,
        m.shown,
        now,
    ];
    sql::run(tx.c, text, values)?;
    tx.index(m.id, m.subject.as_deref().unwrap_or_default(), &m.text);
    match source {
        Some((_, source)) => add_files(tx.c, m.id, &source.mail.attachments, &m.inside),
        None => Ok(()),
    }
}

/// All messages of a merged ticket go into another one, and with them what staff were asked about addresses.
/// The mails stay where they came to: from there the way leads on.
pub fn merge(c: &Connection, from: i64, into: i64) -> Result<()> {
    for text in [
        "update message set origin = coalesce(origin, ?1), ticket = ?2 where ticket = ?1",
        "insert into suggestion (ticket, person, address, created_at)
           select ?2, person, address, created_at from suggestion where ticket = ?1
           on conflict (ticket, person, address) do update set created_at = excluded.created_at",
    ] {
        sql::run(c, text, (from, into))?;
    }
    sql::run(c, "delete from suggestion where ticket = ?1", [from])?;
    Ok(())
}

/// These messages come back from the ticket that theirs was merged into.
pub fn unmerge(c: &Connection, from: i64, into: i64, messages: &[i64]) -> Result<()> {
    let text = "update message set ticket = ?1, origin = nullif(origin, ?1) where id = ?3 and ticket = ?2";
    for message in messages {
        sql::run(c, text, (from, into, message))?;
    }
    Ok(())
}

/// A message goes to another ticket, and its mail with it.
pub fn move_to(c: &Connection, message: i64, ticket: i64, origin: Option<i64>) -> Result<()> {
    let text = "update message set ticket = ?2, origin = ?3 where id = ?1";
    sql::run(c, text, (message, ticket, origin))?;
    let text = "update mail set ticket = ?2 where id = (select mail from message where id = ?1)";
    sql::run(c, text, (message, ticket))?;
    Ok(())
}
