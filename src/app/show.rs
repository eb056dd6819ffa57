//! Show: tickets, held mail, the outbox, and what would become of a mail.

use super::take::{mailed, unpack};
use super::{Desk, Looked, Position, Trouble};
use crate::desk::{Decision, Facts, Outcome, guard};
use crate::mail::{Inbound, MessageId};
use crate::store::list::{HeldRow, MessageRow, TicketRow};
use crate::store::{self, list, outbox, search};
use std::collections::HashMap;

/// A mail that was explained: what it is and what would follow.
pub struct Explained {
    pub mail: Inbound,
    pub decision: Decision,
    pub automatic: Option<String>,
    /// The token of the ticket it would go to; `None` for a new one.
    pub ticket: Option<String>,
    pub thread: Option<MessageId>,
}

/// A kept mail: the row and its bytes.
pub struct AnyMail {
    pub row: HeldRow,
    pub raw: Vec<u8>,
}

impl Desk {
    pub fn tickets(&self, status: Option<&str>) -> Result<Vec<TicketRow>, Trouble> {
        Ok(self.store().read(|c| list::tickets(c, status))?)
    }

    pub fn ticket(&self, number: i64) -> Result<Option<(TicketRow, Vec<MessageRow>)>, Trouble> {
        Ok(self.store().read(|c| match list::ticket(c, number)? {
            Some(row) => Ok(Some((row, list::messages(c, number)?))),
            None => Ok(None),
        })?)
    }

    pub fn search(&self, words: &str) -> Result<Vec<TicketRow>, Trouble> {
        Ok(self.store().read(|c| search::search(c, words))?)
    }

    pub fn token(&self, number: i64) -> String {
        self.rules().token(number)
    }

    pub fn held(&self) -> Result<Vec<HeldRow>, Trouble> {
        Ok(self.store().read(list::held)?)
    }

    /// A held mail with its bytes.
    pub fn held_mail(&self, id: i64) -> Result<Option<AnyMail>, Trouble> {
        Ok(self.store().read(|c| {
            let Some(row) = list::held(c)?.into_iter().find(|h| h.id == id) else { return Ok(None) };
            let raw = unpack(&list::packed(c, row.mail)?.unwrap_or_default());
            Ok(Some(AnyMail { row, raw }))
        })?)
    }

    pub fn outbox(&self) -> Result<Vec<outbox::Entry>, Trouble> {
        Ok(self.store().read(outbox::list)?)
    }

    /// Those of `ids` that are not waiting or failed.
    pub fn not_in_outbox(&self, ids: &[i64]) -> Result<Vec<i64>, Trouble> {
        Ok(self.store().read(|c| {
            let mut out = Vec::new();
            for id in ids {
                if !outbox::exists(c, *id)? {
                    out.push(*id);
                }
            }
            Ok(out)
        })?)
    }

    pub fn outbox_retry(&self, ids: &[i64]) -> Result<usize, Trouble> {
        let n = self.store().write(|tx| outbox::retry(tx, ids, super::now()))?;
        self.letters_made();
        Ok(n)
    }

    pub fn outbox_cancel(&self, ids: &[i64]) -> Result<usize, Trouble> {
        Ok(self.store().write(|tx| outbox::cancel(tx, ids, super::now()))?)
    }

    pub fn backup(&self, to: &std::path::Path) -> Result<(), Trouble> {
        Ok(self.store().backup(to)?)
    }

    /// What each mail is and what would follow, were it to arrive now; changes nothing. `in_order`: as the mails of one mailbox.
    pub fn explain(&self, raws: Vec<Vec<u8>>, in_order: bool, mut each: impl FnMut(Explained)) -> Result<(), Trouble> {
        let mut thread = Threads::default();
        let looked = |raw: Vec<u8>| self.look(raw, Position::Stdin { recipient: None, sender: None });
        if in_order {
            self.store().pretend(|tx| {
                for raw in raws {
                    let looked = looked(raw);
                    let at = super::now();
                    let known = mailed(&looked, Facts::default(), at);
                    let (questions, decision) = self.decide(tx.conn(), &known, at)?;
                    let root = thread.root(&looked.mail);
                    let explained = self.explained(&looked, &decision, root);
                    self.keep(tx, &looked, &questions, &decision, at)?;
                    each(explained);
                }
                Ok(())
            })?;
            return Ok(());
        }
        // The ids are known of all files, though each is decided for itself: `thread` grants nothing.
        for raw in raws {
            let looked = looked(raw);
            let at = super::now();
            let known = mailed(&looked, Facts::default(), at);
            let (_, decision) = self.store().read(|c| self.decide(c, &known, at))?;
            let root = thread.root(&looked.mail);
            each(self.explained(&looked, &decision, root));
        }
        Ok(())
    }

    fn explained(&self, looked: &Looked, decision: &Decision, thread: Option<MessageId>) -> Explained {
        let known = mailed(looked, Facts::default(), super::now());
        let new = decision.outcome == Outcome::Ticket;
        Explained {
            automatic: guard::automatic(self.rules(), &known).map(str::to_owned),
            ticket: decision.ticket.filter(|_| !new).map(|n| self.token(n)),
            thread,
            decision: decision.clone(),
            mail: looked.mail.clone(),
        }
    }

    /// Counts for `stats`, status and metrics.
    pub fn counts(&self) -> Result<Vec<(String, String, i64)>, Trouble> {
        Ok(self.store().read(list::numbers)?)
    }
}

/// The roots of threads among mails that were seen: the oldest that a mail hangs on by its ids.
#[derive(Default)]
struct Threads(HashMap<MessageId, MessageId>);

impl Threads {
    fn root(&mut self, mail: &Inbound) -> Option<MessageId> {
        let parents = mail.references.iter().chain(&mail.in_reply_to);
        let first = parents.clone().find(|id| mail.message_id.as_ref() != Some(*id)).or(mail.message_id.as_ref())?.clone();
        let root = self.0.get(&first).cloned().unwrap_or(first);
        for id in mail.message_id.iter().chain(parents) {
            self.0.entry(id.clone()).or_insert_with(|| root.clone());
        }
        Some(root)
    }
}

/// Kept bytes are served by part (T58: they stay in the raw mail).
impl Desk {
    pub(super) fn part(&self, c: &store::Connection, mail: i64, part: u32) -> store::Result<Option<Vec<u8>>> {
        let Some(packed) = list::packed(c, mail)? else { return Ok(None) };
        Ok(crate::mail::parse::attachment(&unpack(&packed), part))
    }
}
