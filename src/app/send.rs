//! Send: claim, let the edge send, settle (HOUSE, the way of a letter out).

use super::{Claimed, Desk, Health, Sent, Trouble, now};
use crate::desk::Event;
use crate::desk::model::Settled;
use crate::mail::AddrSpec;
use crate::store::{self, list, outbox};

impl Outbox<'_> {
    /// A start voids every lease: one daemon a folder.
    pub fn void_leases(&self) -> Result<(), Trouble> {
        Ok(self.0.store().write(|tx| outbox::void_leases(tx, now()))?)
    }

    pub fn claim(&self, most: usize) -> Result<Vec<Claimed>, Trouble> {
        if self.0.store().read(outbox::next_due)?.is_none_or(|at| at > now()) {
            return Ok(Vec::new());
        }
        let due = self.0.store().write(|tx| outbox::claim(tx, most, now()))?;
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

    /// How an attempt to send a letter ended.
    pub fn settle(&self, letter: i64, sent: Sent) -> Result<(), Trouble> {
        crate::stop_at("after-250-before-settle");
        self.0.happen(&Event::Settled(&Settled { letter, sent }))?;
        Ok(())
    }

    /// Seconds until the next letter is due; `None`: nothing waits.
    pub fn next_due(&self) -> Result<Option<u64>, Trouble> {
        let next = self.0.store().read(outbox::next_due)?;
        Ok(next.map(|at| u64::try_from(at - now()).unwrap_or(0)))
    }
}

impl Hours<'_> {
    /// D24: expired sessions and links leave the database.
    pub fn forget_expired(&self) -> Result<(), Trouble> {
        Ok(self.0.store().write(|tx| store::web::forget_expired(tx, now()))?)
    }
}

impl Condition<'_> {
    /// Keeps the state of a part; written on change.
    pub fn set(&self, part: &str, good: bool, detail: &str) {
        let new = Health { part: part.to_owned(), good, detail: detail.to_owned(), at: now() };
        {
            let mut all = self.0.0.health.lock().expect("no panic while held");
            match all.iter_mut().find(|h| h.part == part) {
                Some(old) if (old.good, old.detail.as_str()) == (good, detail) => return,
                Some(old) => *old = new.clone(),
                None => all.push(new.clone()),
            }
        }
        // A full disk must not keep the daemon from saying so in memory.
        let _ = self.0.store().write(|tx| list::set_health(tx, part, good, detail, new.at));
    }

    /// What this process knows about its parts.
    pub fn parts(&self) -> Vec<Health> {
        self.0.0.health.lock().expect("no panic while held").clone()
    }

    /// What a daemon wrote down last.
    pub fn parts_kept(&self) -> Result<Vec<Health>, Trouble> {
        let rows = self.0.store().read(list::health)?;
        Ok(rows.into_iter().map(|(part, good, detail, at)| Health { part, good, detail, at }).collect())
    }
}
