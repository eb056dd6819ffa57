//! The ledger of mailboxes: where the next mail is looked for, and which mails were flagged or moved since
//! (T86).

use super::clock::now;
use super::error::Trouble;
use super::handles::Ledger;
use super::values::{Awaited, Compared, Cursor, Said};
use crate::store::ledger::{self, Uid};

/// As the ledger keeps it: a size beyond 63 bits is none.
pub(super) fn kept(said: Said) -> ledger::Said {
    (said.size.and_then(|n| i64::try_from(n).ok()), said.date)
}

impl Ledger<'_> {
    /// What is remembered of a mailbox; `None`: it was never looked at.
    pub fn cursor(&self, mailbox: &str) -> Result<Option<Cursor>, Trouble> {
        let row = self.0.store().read(|c| ledger::cursor(c, mailbox))?;
        Ok(row.map(|(uid_validity, next_uid, first_connect_at, history_below)| Cursor {
            uid_validity,
            next_uid,
            first_connect_at,
            history_below: match history_below {
                0 => u32::MAX,
                n => u32::try_from(n.unsigned_abs()).unwrap_or(u32::MAX),
            },
            changed: history_below <= 0,
        }))
    }

    /// Writes the cursor anew: at the first connect, and after a change of UIDVALIDITY.
    pub fn set_cursor(&self, mailbox: &str, c: &Cursor) -> Result<(), Trouble> {
        let below = i64::from(c.history_below.max(1));
        let below = if c.changed { -below } else { below };
        let row = (c.uid_validity, c.next_uid, c.first_connect_at, below);
        Ok(self.0.store().write(|tx| ledger::set_cursor(tx, mailbox, row))?)
    }

    /// Notes that these UIDs are not taken in: they were there before the desk. The cursor stays, since
    /// others may lie between them.
    pub fn pass(&self, mailbox: &str, uid_validity: i64, before: &[(u32, Said)]) -> Result<(), Trouble> {
        Ok(self.0.store().write(|tx| {
            for (uid, said) in before {
                let at = Uid { mailbox, validity: uid_validity, uid: *uid };
                ledger::put(tx, at, kept(*said), None, None, true)?;
                ledger::await_no_more(tx, at)?;
            }
            Ok(())
        })?)
    }

    /// Moves the cursor behind this UID: all up to it have their outcome, or are awaited.
    pub fn advance(&self, mailbox: &str, uid_validity: i64, through: u32) -> Result<(), Trouble> {
        Ok(self.0.store().write(|tx| ledger::advance(tx, mailbox, uid_validity, through))?)
    }

    /// Forgets what was noted of these mails, and asks for each alone: their content says whether they were
    /// taken in.
    pub fn ask_anew(&self, mailbox: &str, uid_validity: i64, uids: &[u32]) -> Result<(), Trouble> {
        Ok(self.0.store().write(|tx| {
            let mut all = uids.iter().map(|uid| Uid { mailbox, validity: uid_validity, uid: *uid });
            all.try_for_each(|at| {
                ledger::forget(tx, at)?;
                ledger::await_mail(tx, at)
            })
        })?)
    }

    /// UIDs that are committed and not yet flagged or moved on the server (T86).
    pub fn unsettled(&self, mailbox: &str, uid_validity: i64) -> Result<Vec<u32>, Trouble> {
        Ok(self.0.store().read(|c| ledger::unsettled(c, mailbox, uid_validity))?)
    }

    /// These UIDs are flagged or moved on the server.
    pub fn settled(&self, mailbox: &str, uid_validity: i64, uids: &[u32]) -> Result<(), Trouble> {
        Ok(self.0.store().write(|tx| ledger::settle(tx, mailbox, uid_validity, uids))?)
    }

    /// Compares what the server lists with what was taken in. A UID is the same mail where the server says
    /// the same of it; what it did not say is not compared.
    pub fn compare(
        &self,
        mailbox: &str,
        uid_validity: i64,
        listed: &[(u32, Said)],
    ) -> Result<Compared, Trouble> {
        let differs =
            |known: Option<i64>, now: Option<i64>| matches!((known, now), (Some(a), Some(b)) if a != b);
        Ok(self.0.store().read(|c| {
            let mut out = Compared::default();
            for (uid, said) in listed {
                let now = kept(*said);
                match ledger::said(c, Uid { mailbox, validity: uid_validity, uid: *uid })? {
                    None => out.without_outcome.push(*uid),
                    Some((None, None)) => out.unsaid.push((*uid, *said)),
                    Some(known) if known.1.is_some() && known.1 == now.1 && differs(known.0, now.0) => {
                        out.resized.push(*uid);
                    }
                    Some(known) if differs(known.0, now.0) || differs(known.1, now.1) => {
                        out.changed.push(*uid);
                    }
                    Some(_) => {}
                }
            }
            Ok(out)
        })?)
    }

    /// Notes what the server says of mails of which nothing was noted when they were taken in: from now on
    /// they are compared, too.
    pub fn note_said(&self, mailbox: &str, uid_validity: i64, said: &[(u32, Said)]) -> Result<(), Trouble> {
        Ok(self.0.store().write(|tx| {
            let mut all = said.iter();
            all.try_for_each(|(uid, said)| {
                ledger::note_said(tx, Uid { mailbox, validity: uid_validity, uid: *uid }, kept(*said))
            })
        })?)
    }

    /// Other mails have the UIDs from this one on: their outcomes are forgotten, and they are read anew.
    /// `below`: the UID that the next mail gets.
    pub fn rewind(&self, mailbox: &str, uid_validity: i64, from: u32, below: u32) -> Result<(), Trouble> {
        let from = Uid { mailbox, validity: uid_validity, uid: from };
        Ok(self.0.store().write(|tx| ledger::rewind(tx, from, -i64::from(below.max(1))))?)
    }

    /// What the server did not hand out so far; those that failed least come first.
    pub fn awaited(&self, mailbox: &str, uid_validity: i64) -> Result<Vec<Awaited>, Trouble> {
        let (at, pauses) = (now(), self.0.rules().bounds.awaited_again_secs);
        let rows = self.0.store().read(|c| ledger::awaited(c, mailbox, uid_validity))?;
        let row = |r: ledger::AwaitedRow| Awaited {
            uid: r.uid,
            tries: r.tries,
            // A clock that was ahead keeps nothing waiting for longer than the longest pause.
            due_in: (r.next_at - at).max(0),
            is_due: r.next_at <= at || r.next_at > at + pauses[pauses.len() - 1],
            is_held: r.mail.is_some(),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// These mails are asked for again, each alone.
    pub fn await_mails(&self, mailbox: &str, uid_validity: i64, uids: &[u32]) -> Result<(), Trouble> {
        Ok(self.0.store().write(|tx| {
            let mut all = uids.iter().map(|uid| Uid { mailbox, validity: uid_validity, uid: *uid });
            all.try_for_each(|at| ledger::await_mail(tx, at))
        })?)
    }

    /// The server did not hand out this mail once more; `tries` before that one.
    pub fn await_longer(
        &self,
        mailbox: &str,
        uid_validity: i64,
        uid: u32,
        tries: u32,
    ) -> Result<(), Trouble> {
        let pauses = self.0.rules().bounds.awaited_again_secs;
        let pause = pauses.get(tries as usize).or(pauses.last()).copied().unwrap_or_default();
        let at = Uid { mailbox, validity: uid_validity, uid };
        Ok(self.0.store().write(|tx| ledger::await_longer(tx, at, now() + pause))?)
    }

    /// The mail is no longer on the server. What is held for it stays held.
    pub fn await_no_more(&self, mailbox: &str, uid_validity: i64, uid: u32) -> Result<(), Trouble> {
        let at = Uid { mailbox, validity: uid_validity, uid };
        Ok(self.0.store().write(|tx| ledger::await_no_more(tx, at).map(drop))?)
    }

    /// (UIDVALIDITY, first UID that counts) for `audit`.
    pub fn base(&self, mailbox: &str) -> Result<Option<(i64, u32)>, Trouble> {
        Ok(self.0.store().read(|c| ledger::base(c, mailbox))?)
    }
}
