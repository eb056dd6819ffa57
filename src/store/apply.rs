//! Decision -> rows: the mail that caused it, its place in the ledger, changes, letters, audit line. All or
//! nothing.

use super::snapshot::id_key;
use super::{Result, Tx, participants};
use crate::desk::{Change, Decision, Letter, NewMessage, Outcome, Questions, Rules, Ticket};
use crate::mail::Inbound;
use rusqlite::OptionalExtension;

/// The mail that a decision is about.
pub struct Source<'a> {
    pub mail: &'a Inbound,
    pub packed: &'a [u8],
    pub questions: &'a Questions,
    /// `imap:support`, `maildir:support`, `stdin`: where it came from.
    pub origin: String,
}

/// Applies a decision; the number of the mail that was kept (`None`: a duplicate, or no mail).
pub fn apply(
    tx: &Tx<'_>,
    rules: &Rules,
    decision: &Decision,
    source: Option<&Source<'_>>,
    now: i64,
) -> Result<Option<i64>> {
    decision.assert_sound(rules);
    // Parents before children: while a foreign key is open, SQLite walks every child table for each new
    // parent.
    let (parents, rest) = parents_first(decision);
    for change in parents {
        one(tx, rules, change, None, now)?;
    }
    let mail = match source {
        Some(s) if decision.outcome != Outcome::Duplicate => Some(keep(tx, decision, s, now)?),
        _ => None,
    };
    for change in rest {
        one(tx, rules, change, mail.zip(source), now)?;
    }
    for letter in &decision.letters {
        queue(tx, rules, letter, now)?;
    }
    Ok(mail)
}

fn parents_first(decision: &Decision) -> (Vec<&Change>, Vec<&Change>) {
    decision.changes.iter().partition(|c| matches!(c, Change::Person { .. } | Change::Ticket { .. }))
}

/// Applies what a held mail does once it is released: the mail itself is kept already.
pub fn apply_kept(
    tx: &Tx<'_>,
    rules: &Rules,
    decision: &Decision,
    mail: &Inbound,
    id: i64,
    now: i64,
) -> Result<()> {
    let questions = Questions::default();
    let source = Source { mail, packed: &[], questions: &questions, origin: String::new() };
    let (parents, rest) = parents_first(decision);
    for change in parents.into_iter().chain(rest) {
        one(tx, rules, change, Some((id, &source)), now)?;
    }
    for letter in &decision.letters {
        queue(tx, rules, letter, now)?;
    }
    Ok(())
}

fn keep(tx: &Tx<'_>, decision: &Decision, s: &Source<'_>, now: i64) -> Result<i64> {
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

fn one(
    tx: &Tx<'_>,
    rules: &Rules,
    change: &Change,
    source: Option<(i64, &Source<'_>)>,
    now: i64,
) -> Result<()> {
    let c = tx.c;
    match change {
        Change::Person { id, address, name } => {
            c.prepare_cached(
                "insert into person (id, address, name, created_at) values (?, ?, ?, ?)
                 on conflict (id) do update set name = excluded.name",
            )?
            .execute((id, address.as_str(), name, now))?;
        }
        Change::Ticket { new, ticket } => {
            write_ticket(tx, *new, ticket)?;
            if *new {
                opened(tx, rules, ticket)?;
            }
        }
        Change::Participant { ticket, person, since } => participants::join(c, *ticket, *person, *since)?,
        Change::Suggest { ticket, person, address } => {
            participants::suggest(c, *ticket, *person, address.as_str(), now)?
        }
        Change::Leave { ticket, person } => participants::leave(c, *ticket, *person, now)?,
        Change::Tag { ticket, word, on: true } => {
            c.prepare_cached("insert or ignore into tag (ticket, word) values (?, ?)")?
                .execute((ticket, word))?;
        }
        Change::Tag { ticket, word, on: false } => {
            c.prepare_cached("delete from tag where ticket = ? and word = ?")?.execute((ticket, word))?;
        }
        Change::Message(message) => write_message(tx, message, source, now)?,
        Change::Merge { from, into } => {
            // The mails stay where they came to: from there the way leads on.
            for sql in [
                "update message set origin = coalesce(origin, ?1), ticket = ?2 where ticket = ?1",
                "update or replace suggestion set ticket = ?2 where ticket = ?1",
            ] {
                c.prepare_cached(sql)?.execute((from, into))?;
            }
        }
        Change::Unmerge { from, into, messages } => {
            let sql =
                "update message set ticket = ?1, origin = nullif(origin, ?1) where id = ?3 and ticket = ?2";
            let mut back = c.prepare_cached(sql)?;
            for message in messages {
                back.execute((from, into, message))?;
            }
        }
        Change::MoveMessage { message, to, origin } => {
            c.prepare_cached("update message set ticket = ?2, origin = ?3 where id = ?1")?
                .execute((message, to, origin))?;
            let mail = "update mail set ticket = ?2 where id = (select mail from message where id = ?1)";
            c.prepare_cached(mail)?.execute((message, to))?;
        }
        Change::Watch { ticket, person, on: true } => {
            c.prepare_cached("insert or ignore into watcher (ticket, person) values (?, ?)")?
                .execute((ticket, person))?;
        }
        Change::Watch { ticket, person, on: false } => {
            c.prepare_cached("delete from watcher where ticket = ? and person = ?")?
                .execute((ticket, person))?;
        }
        Change::Deed { ticket, person, letter, steps } => {
            c.prepare_cached("insert into deed (ticket, person, letter, steps, at) values (?, ?, ?, ?, ?)")?
                .execute((ticket, person, letter, steps, now))?;
        }
        Change::Undone { deed } => {
            c.prepare_cached("update deed set undone_at = ? where id = ?")?.execute((now, deed))?;
        }
        Change::Hold { cause, ticket, person, verified, reason } => {
            let (mail, _) = source.expect("only a mail is held");
            c.prepare_cached(
                "insert into held (kind, mail, ticket, person, cause, verified, reason, received_at) values (?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute((cause.kind(), mail, ticket, person, cause.as_str(), verified.as_str(), reason, now))?;
        }
        Change::EndHeld { held, how } => super::held::end(tx, *held, how, None, now)?,
        Change::HeldLink { hash, person, expires_at } => {
            super::held::keep_link(c, hash, *person, *expires_at, now)?
        }
        Change::Spam { person, on } => {
            c.prepare_cached("update person set spam = ? where id = ?")?.execute((on, person))?;
        }
        Change::Undeliverable { person } => {
            c.prepare_cached("update person set undeliverable_at = ? where id = ?")?
                .execute((now, person))?;
        }
        Change::Signature { fingerprint } => {
            c.prepare_cached("insert or ignore into signature (fingerprint, at) values (?, ?)")?
                .execute((fingerprint.as_slice(), now))?;
        }
        Change::Pending { person, ticket, why, due_at } => {
            c.prepare_cached(
                "insert into pending (person, ticket, why, created_at, due_at) values (?, ?, ?, ?, ?)",
            )?
            .execute((person, ticket, why, now, due_at))?;
        }
        Change::PendingDone { id } => {
            c.prepare_cached("delete from pending where id = ?")?.execute([id])?;
        }
        Change::KeptBack { limit } => super::alarm::kept_back(tx, *limit)?,
        Change::Alarm { what, text } => super::alarm::raise(tx, what, text, now)?,
        Change::Digest { person, on } => super::staff::choose_digest(tx, *person, *on)?,
        Change::DigestTold { at, message, ticket } => {
            super::due::set_digest_mark(tx, *at, *message, *ticket)?
        }
        Change::Link { hash, person, ticket, expires_at } => {
            super::web::keep_link(c, hash, *person, *ticket, *expires_at, now)?
        }
        Change::Audit { actor, action, object, detail } => {
            audit(tx, rules, (actor, action, object, detail), now)?
        }
    }
    Ok(())
}

/// T29: counted by its sender.
fn opened(tx: &Tx<'_>, rules: &Rules, t: &Ticket) -> Result<()> {
    let mut s = tx.c.prepare_cached("select address from person where id = ?")?;
    let address: String = s.query_row([t.requester], |r| r.get(0))?;
    let counted =
        crate::mail::AddrSpec::parse(&address).map(|a| rules.counted(&a).to_string()).unwrap_or(address);
    tx.c.prepare_cached("insert into opened (counted_as, at, ticket) values (?, ?, ?)")?.execute((
        counted,
        t.created_at,
        t.number,
    ))?;
    Ok(())
}

fn write_ticket(tx: &Tx<'_>, new: bool, t: &Ticket) -> Result<()> {
    let sql = match new {
        true => {
            "insert into ticket (subject, status, priority, category, mailbox, requester, assignee, privacy, merged_into,
             created_at, updated_at, due_at, wait_until, closed_at, asked_at, started_at, due_by_hand, reminded, reminded_at,
             remind_at, id) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        }
        false => {
            "update ticket set subject = ?, status = ?, priority = ?, category = ?, mailbox = ?, requester = ?, assignee = ?,
             privacy = ?, merged_into = ?, created_at = ?, updated_at = ?, due_at = ?, wait_until = ?, closed_at = ?,
             asked_at = ?, started_at = ?, due_by_hand = ?, reminded = ?, reminded_at = ?, remind_at = ? where id = ?"
        }
    };
    tx.c.prepare_cached(sql)?.execute(rusqlite::params![
        t.subject,
        t.status.as_str(),
        t.priority.as_str(),
        t.category,
        t.mailbox,
        t.requester,
        t.assignee,
        t.privacy,
        t.merged_into,
        t.created_at,
        t.updated_at,
        t.due_at,
        t.wait_until,
        t.closed_at,
        t.clock.asked_at,
        t.clock.started_at,
        t.clock.by_hand,
        t.clock.reminded,
        t.clock.reminded_at,
        t.clock.remind_at,
        t.number,
    ])?;
    Ok(())
}

fn write_message(tx: &Tx<'_>, m: &NewMessage, source: Option<(i64, &Source<'_>)>, now: i64) -> Result<()> {
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

fn queue(tx: &Tx<'_>, rules: &Rules, l: &Letter, now: i64) -> Result<()> {
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

/// A row of the audit log, chained by HMAC to the one before (T92).
pub fn audit(tx: &Tx<'_>, rules: &Rules, row: (&str, &str, &str, &str), now: i64) -> Result<()> {
    let mut last = tx.c.prepare_cached("select chain from audit order by id desc limit 1")?;
    let before: Vec<u8> = last.query_row([], |r| r.get(0)).optional()?.unwrap_or_default();
    let (actor, action, object, detail) = row;
    let text = format!("{now}\0{actor}\0{action}\0{object}\0{detail}");
    let chain = rules.keys.audit(&before, text.as_bytes());
    tx.c.prepare_cached(
        "insert into audit (at, actor, action, object, detail, chain) values (?, ?, ?, ?, ?, ?)",
    )?
    .execute((now, actor, action, object, detail, chain.as_slice()))?;
    Ok(())
}
