//! Decision -> rows: the mail that caused it, its place in the ledger, changes, letters, audit line. All or
//! nothing.

use super::error::Result;
use super::transaction::Tx;
// An old path, for `app`.
pub use super::audit::audit;
pub use super::mail::Source;
use super::{alarm, audit, due, held, letter, mail, message, participants, session, staff, ticket};
use crate::desk::{Change, Decision, Outcome, Questions, Rules};
use crate::mail::Inbound;

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
    let kept = match source {
        Some(s) if decision.outcome != Outcome::Duplicate => Some(mail::keep(tx, decision, s, now)?),
        _ => None,
    };
    for change in rest {
        one(tx, rules, change, kept.zip(source), now)?;
    }
    for letter in &decision.letters {
        letter::queue(tx, rules, letter, now)?;
    }
    Ok(kept)
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
        letter::queue(tx, rules, letter, now)?;
    }
    Ok(())
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
            ticket::write(tx, *new, ticket)?;
            if *new {
                ticket::opened(tx, rules, ticket)?;
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
        Change::Message(message) => message::write(tx, message, source, now)?,
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
        Change::EndHeld { held, how } => held::end(tx, *held, how, None, now)?,
        Change::HeldLink { hash, person, expires_at } => held::keep_link(c, hash, *person, *expires_at, now)?,
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
        Change::KeptBack { limit } => alarm::kept_back(tx, *limit)?,
        Change::Alarm { what, text } => alarm::raise(tx, what, text, now)?,
        Change::Digest { person, on } => staff::choose_digest(tx, *person, *on)?,
        Change::DigestTold { at, message, ticket } => due::set_digest_mark(tx, *at, *message, *ticket)?,
        Change::Link { hash, person, ticket, expires_at } => {
            session::keep_link(c, hash, *person, *ticket, *expires_at, now)?
        }
        Change::Audit { actor, action, object, detail } => {
            audit::audit(tx, rules, (actor, action, object, detail), now)?
        }
    }
    Ok(())
}
