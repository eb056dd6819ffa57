//! What was said in tickets, and the files that came with it.

use super::error::Result;
use super::mail::Source;
use super::transaction::Tx;
use crate::desk::{Kind, MessageRef, NewMessage};
use crate::mail::MessageId;
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct MessageRow {
    pub id: i64,
    /// The ticket in which it was said, where that one was merged.
    pub origin: Option<i64>,
    pub kind: String,
    pub via: String,
    pub author: Option<i64>,
    pub author_name: String,
    pub author_address: String,
    pub mail: Option<i64>,
    pub message_id: Option<String>,
    pub subject: Option<String>,
    pub text: String,
    pub quoted: String,
    pub signature: String,
    pub verified: String,
    pub automatic: bool,
    pub private: bool,
    pub shown: bool,
    pub created_at: i64,
    pub files: Vec<FileRow>,
}

#[derive(Debug, Clone)]
pub struct FileRow {
    pub id: i64,
    pub part: u32,
    pub filename: String,
    pub media_type: String,
    pub size: i64,
    pub sha256: Vec<u8>,
}

pub fn messages(c: &Connection, ticket: i64) -> Result<Vec<MessageRow>> {
    let mut s = c.prepare_cached(
        "select m.*, coalesce(p.address, '') as author_address from message m left join person p on p.id = m.author
         where m.ticket = ? order by m.id",
    )?;
    let mut rows: Vec<MessageRow> = s.query_map([ticket], message)?.collect::<std::result::Result<_, _>>()?;
    for m in &mut rows {
        m.files = files(c, m.id)?;
    }
    Ok(rows)
}

fn message(r: &Row<'_>) -> rusqlite::Result<MessageRow> {
    Ok(MessageRow {
        id: r.get("id")?,
        origin: r.get("origin")?,
        kind: r.get("kind")?,
        via: r.get("via")?,
        author: r.get("author")?,
        author_name: r.get("author_name")?,
        author_address: r.get("author_address")?,
        mail: r.get("mail")?,
        message_id: r.get("message_id")?,
        subject: r.get("subject")?,
        text: r.get("text")?,
        quoted: r.get("quoted")?,
        signature: r.get("signature")?,
        verified: r.get("verified")?,
        automatic: r.get("automatic")?,
        private: r.get("private")?,
        shown: r.get("shown")?,
        created_at: r.get("created_at")?,
        files: Vec::new(),
    })
}

pub fn files(c: &Connection, message: i64) -> Result<Vec<FileRow>> {
    let mut s = c.prepare_cached(
        "select id, part, filename, media_type, size, sha256 from attachment where message = ? order by id",
    )?;
    let rows = s.query_map([message], |r| {
        Ok(FileRow {
            id: r.get(0)?,
            part: r.get(1)?,
            filename: r.get(2)?,
            media_type: r.get(3)?,
            size: r.get(4)?,
            sha256: r.get(5)?,
        })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

/// Where an attachment stands.
pub struct Place {
    pub ticket: i64,
    pub message: i64,
    pub mail: Option<i64>,
    pub file: FileRow,
}

pub fn file(c: &Connection, id: i64) -> Result<Option<Place>> {
    let mut s = c.prepare_cached(
        "select m.ticket, m.id, m.mail from attachment a join message m on m.id = a.message where a.id = ?",
    )?;
    let Some((ticket, message, mail)) =
        s.query_row([id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?))).optional()?
    else {
        return Ok(None);
    };
    Ok(files(c, message)?.into_iter().find(|f| f.id == id).map(|file| Place { ticket, message, mail, file }))
}

/// T72: the words of all messages of a ticket: whole as they came, of staff only what was relayed.
pub fn said(c: &Connection, ticket: i64) -> Result<BTreeMap<i64, String>> {
    let mut s = c.prepare_cached(
        "select id, case kind when 'customer' then text || char(10) || quoted || char(10) || signature else text end
         from message where ticket = ? and kind in ('customer', 'staff')",
    )?;
    let rows = s.query_map([ticket], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}

pub fn write(tx: &Tx<'_>, m: &NewMessage, source: Option<(i64, &Source<'_>)>, now: i64) -> Result<()> {
    let source = source.filter(|_| m.from_mail);
    let message_id = source.and_then(|(_, s)| s.mail.message_id.as_ref()).map(|i| i.as_str().to_owned());
    tx.c.prepare_cached(
        "insert into message (id, ticket, kind, via, author, author_name, mail, message_id, subject, text, quoted, signature, verified,
                              automatic, private, shown, created_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(rusqlite::params![
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
    ])?;
    tx.index(m.id, m.subject.as_deref().unwrap_or_default(), &m.text);
    let Some((_, source)) = source else { return Ok(()) };
    let mut insert = tx
        .c
        .prepare_cached("insert into attachment (message, part, filename, media_type, size, sha256) values (?, ?, ?, ?, ?, ?)")?;
    for a in &source.mail.attachments {
        let size = i64::try_from(a.size).unwrap_or(i64::MAX);
        insert.execute((m.id, a.part, &a.filename, &a.media_type, size, a.sha256.as_slice()))?;
    }
    Ok(())
}

/// What letters and decisions must know of the messages of a ticket, oldest first.
pub fn references(c: &Connection, ticket: i64) -> Result<Vec<MessageRef>> {
    let mut s = c.prepare_cached(
        "select id, kind, author, message_id, shown and not automatic, created_at, origin from message where ticket = ? order by id",
    )?;
    let rows = s.query_map([ticket], |r| {
        Ok(MessageRef {
            id: r.get(0)?,
            origin: r.get(6)?,
            kind: Kind::from_word(&r.get::<_, String>(1)?).unwrap_or(Kind::System),
            author: r.get(2)?,
            message_id: r.get::<_, Option<String>>(3)?.and_then(|m| MessageId::parse(&m)),
            shown: r.get(4)?,
            created_at: r.get(5)?,
        })
    })?;
    Ok(rows.collect::<std::result::Result<_, _>>()?)
}
