//! Send: claim, let the edge send, settle (HOUSE, the way of a letter out).

use super::clock::now;
use super::error::{Refusal, Trouble};
use super::handles::Outbox;
use super::values::Claimed;
use crate::desk::model::{Sent, Settled};
use crate::desk::operator::OperatorOrder;
use crate::desk::{Change, Event};
use crate::mail::AddrSpec;
use crate::store::outbox;

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

impl Outbox<'_> {
    pub fn letters(&self) -> Result<Vec<outbox::Entry>, Trouble> {
        Ok(self.0.store().read(outbox::list)?)
    }

    /// Those of `ids` that are not waiting or failed.
    pub fn not_waiting(&self, ids: &[i64]) -> Result<Vec<i64>, Trouble> {
        Ok(self.0.store().read(|c| {
            let mut out = Vec::new();
            for id in ids {
                if !outbox::exists(c, *id)? {
                    out.push(*id);
                }
            }
            Ok(out)
        })?)
    }

    /// Letters that wait or failed are due now: these, or all where none is named. How many.
    pub fn retry(&self, ids: &[i64]) -> Result<usize, Refusal> {
        self.letters_ordered(&OperatorOrder::Retry(ids))
    }

    /// These letters never leave. How many.
    pub fn cancel(&self, ids: &[i64]) -> Result<usize, Refusal> {
        self.letters_ordered(&OperatorOrder::Cancel(ids))
    }

    fn letters_ordered(&self, order: &OperatorOrder<'_>) -> Result<usize, Refusal> {
        let of = |change: &Change| match change {
            Change::RetryLetters { ids } | Change::CancelLetters { ids } => ids.len(),
            _ => 0,
        };
        Ok(self.0.operator().operate(order)?.changes.iter().map(of).sum())
    }
}
