//! The ledger of mailboxes: where the next mail is looked for, and which mails were flagged or moved since
//! (T86).

use super::error::Trouble;
use super::handles::Ledger;
use super::values::Cursor;
use crate::store::ledger::{self, Uid};

impl Ledger<'_> {
    /// What is remembered of a mailbox; `None`: it was never looked at.
    pub fn cursor(&self, mailbox: &str) -> Result<Option<Cursor>, Trouble> {
        let row = self.0.store().read(|c| ledger::cursor(c, mailbox))?;
        Ok(row.map(|(uid_validity, next_uid, first_connect_at, history_below)| Cursor {
            uid_validity,
            next_uid,
            first_connect_at,
            history_below,
        }))
    }

    /// Writes the cursor anew: at the first connect, and after a change of UIDVALIDITY.
    pub fn set_cursor(&self, mailbox: &str, c: &Cursor) -> Result<(), Trouble> {
        let row = (c.uid_validity, c.next_uid, c.first_connect_at, c.history_below);
        Ok(self.0.store().write(|tx| ledger::set_cursor(tx, mailbox, row))?)
    }

    /// Notes that these UIDs are not taken in, and moves the cursor behind `through`.
    pub fn pass(
        &self,
        mailbox: &str,
        uid_validity: u32,
        before: &[u32],
        through: u32,
    ) -> Result<(), Trouble> {
        Ok(self.0.store().write(|tx| {
            for uid in before {
                ledger::enter(tx, Uid { mailbox, validity: uid_validity, uid: *uid }, None, None, true)?;
            }
            ledger::advance(tx, mailbox, uid_validity, through)
        })?)
    }

    /// UIDs that are committed and not yet flagged or moved on the server (T86).
    pub fn unsettled(&self, mailbox: &str, uid_validity: u32) -> Result<Vec<u32>, Trouble> {
        Ok(self.0.store().read(|c| ledger::unsettled(c, mailbox, uid_validity))?)
    }

    /// These UIDs are flagged or moved on the server.
    pub fn settled(&self, mailbox: &str, uid_validity: u32, uids: &[u32]) -> Result<(), Trouble> {
        Ok(self.0.store().write(|tx| ledger::settle(tx, mailbox, uid_validity, uids))?)
    }

    /// Those of `uids` that have no outcome (`audit`).
    pub fn without_outcome(
        &self,
        mailbox: &str,
        uid_validity: u32,
        uids: &[u32],
    ) -> Result<Vec<u32>, Trouble> {
        Ok(self.0.store().read(|c| ledger::missing(c, mailbox, uid_validity, uids))?)
    }

    /// (UIDVALIDITY, first UID that counts) for `audit`.
    pub fn base(&self, mailbox: &str) -> Result<Option<(u32, u32)>, Trouble> {
        Ok(self.0.store().read(|c| ledger::base(c, mailbox))?)
    }

    /// Which of these files were taken in, in the order of `names`.
    pub fn maildir_known(&self, mailbox: &str, names: &[String]) -> Result<Vec<bool>, Trouble> {
        Ok(self.0.store().read(|c| ledger::maildir_known(c, mailbox, names))?)
    }
}
