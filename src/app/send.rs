//! Send: claim, let the edge send, settle (HOUSE, the way of a letter out).

use super::{Claimed, Desk, Health, Sent, Trouble, now};
use crate::desk;
use crate::mail::{AddrSpec, MessageId};
use crate::store::{self, apply, list, outbox, snapshot};

/// Waiting times after a 4yz, by attempt; seconds. The last one repeats until [`GIVE_UP_SECS`].
const BACKOFF_SECS: [i64; 7] = [60, 300, 900, 1_800, 3_600, 7_200, 14_400];
/// RFC 5321 §4.5.4.1: at least 4 to 5 days are usual; we give up after 3 and tell the author.
const GIVE_UP_SECS: i64 = 3 * 86_400;

impl Desk {
    /// A start voids every lease: one daemon a folder.
    pub fn void_leases(&self) -> Result<(), Trouble> {
        Ok(self.store().write(|tx| outbox::void_leases(tx, now()))?)
    }

    pub fn claim(&self, most: usize) -> Result<Vec<Claimed>, Trouble> {
        if self.store().read(outbox::next_due)?.is_none_or(|at| at > now()) {
            return Ok(Vec::new());
        }
        let due = self.store().write(|tx| outbox::claim(tx, most, now()))?;
        crate::stop_at("after-claim");
        let claimed = due.into_iter().filter_map(|d| {
            Some(Claimed {
                id: d.id,
                from: d.reverse_path.as_deref().and_then(AddrSpec::parse),
                to: AddrSpec::parse(&d.forward_path)?,
                bytes: d.bytes,
            })
        });
        Ok(claimed.collect())
    }

    pub fn settle_letter(&self, id: i64, sent: Sent) -> Result<(), Trouble> {
        crate::stop_at("after-250-before-settle");
        let at = now();
        let letters = self.store().write(|tx| {
            let (attempts, created_at, was_unknown) =
                outbox::attempts(tx.conn(), id)?.unwrap_or((1, at, false));
            match &sent {
                Sent::Accepted(words) => {
                    outbox::settle(tx, id, "sent", words, None, at)?;
                    if let Some(alias) = alias_in(words) {
                        outbox::alias(tx, id, alias.as_str())?;
                    }
                    Ok(0)
                }
                Sent::Deferred(words) if at - created_at < GIVE_UP_SECS => {
                    let step = usize::try_from(attempts - 1).unwrap_or(0).min(BACKOFF_SECS.len() - 1);
                    outbox::settle(tx, id, "deferred", words, Some(at + BACKOFF_SECS[step]), at)?;
                    Ok(0)
                }
                // T35: once more with the same bytes and id, then it is shown as unknown.
                Sent::Unknown(words) if !was_unknown => {
                    outbox::settle(
                        tx,
                        id,
                        "unknown",
                        &format!("no answer after the letter was sent: {words}"),
                        Some(at + 60),
                        at,
                    )?;
                    Ok(0)
                }
                Sent::Unknown(words) => {
                    outbox::settle(
                        tx,
                        id,
                        "unknown",
                        &format!("no answer after the letter was sent, twice: {words}"),
                        None,
                        at,
                    )?;
                    Ok(0)
                }
                Sent::Refused(words) | Sent::Deferred(words) => {
                    outbox::settle(tx, id, "failed", words, None, at)?;
                    self.failed(tx, id, words, at)
                }
            }
        })?;
        if letters > 0 {
            self.letters_made();
        }
        Ok(())
    }

    /// The author of an answer is told of its failure, once per ticket and address (T24).
    fn failed(&self, tx: &store::Tx<'_>, id: i64, words: &str, at: i64) -> store::Result<usize> {
        let Some((Some(ticket), hit)) = outbox::hit(tx.conn(), id)? else { return Ok(0) };
        let known = snapshot::of_ticket(tx.conn(), &[ticket], &[])?;
        let decision = desk::bounce::refused(self.rules(), &known, &hit, ticket, words, self.moment());
        apply::apply(tx, self.rules(), &decision, None, at)?;
        Ok(decision.letters.len())
    }

    /// Seconds until the next letter is due; `None`: nothing waits.
    pub fn next_due(&self) -> Result<Option<u64>, Trouble> {
        let next = self.store().read(outbox::next_due)?;
        Ok(next.map(|at| u64::try_from(at - now()).unwrap_or(0)))
    }

    /// D24: expired sessions and links leave the database.
    pub fn forget_expired(&self) -> Result<(), Trouble> {
        Ok(self.store().write(|tx| store::web::forget_expired(tx, now()))?)
    }

    /// Keeps the state of a part; written on change.
    pub fn set_health(&self, part: &str, good: bool, detail: &str) {
        let new = Health { part: part.to_owned(), good, detail: detail.to_owned(), at: now() };
        {
            let mut all = self.0.health.lock().expect("no panic while held");
            match all.iter_mut().find(|h| h.part == part) {
                Some(old) if (old.good, old.detail.as_str()) == (good, detail) => return,
                Some(old) => *old = new.clone(),
                None => all.push(new.clone()),
            }
        }
        // A full disk must not keep the daemon from saying so in memory.
        let _ = self.store().write(|tx| list::set_health(tx, part, good, detail, new.at));
    }

    /// What this process knows about its parts.
    pub fn health(&self) -> Vec<Health> {
        self.0.health.lock().expect("no panic while held").clone()
    }

    /// What a daemon wrote down last.
    pub fn health_kept(&self) -> Result<Vec<Health>, Trouble> {
        let rows = self.store().read(list::health)?;
        Ok(rows.into_iter().map(|(part, good, detail, at)| Health { part, good, detail, at }).collect())
    }
}

/// SES answers `Ok 0102…-000000` and sends under that id at a domain of its own (D15).
fn alias_in(words: &str) -> Option<MessageId> {
    let ses = |w: &&str| {
        w.len() >= 30
            && w.starts_with("01")
            && w.ends_with("-000000")
            && w.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    MessageId::parse(&format!("{}@{}", words.split_whitespace().find(ses)?, desk::mailed::SES_DOMAIN))
}
