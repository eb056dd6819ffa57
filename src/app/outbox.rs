//! Send: claim, let the edge send, settle (HOUSE, the way of a letter out).

use super::clock::now;
use super::error::{Refusal, Trouble};
use super::handles::Outbox;
use super::kept::unpack;
use super::values::{Batch, Claimed, SENDER_PART};
use crate::desk::model::listed::OutboxEntry;
use crate::desk::model::{LetterFile, Sent, Settled};
use crate::desk::operator::OperatorOrder;
use crate::desk::{Change, Event};
use crate::mail::{AddrSpec, OutFile, compose, parse};
use crate::store::crash_point::stop_at;
use crate::store::{kept, outbox};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Octets of letters that are in memory at once, on their way out; a larger one goes alone (T115).
const CLAIM_BYTES_MAX: u64 = 16 << 20;

impl Outbox<'_> {
    /// Ends every lease, before the first letter is claimed: no other daemon can send for this folder, and
    /// whoever sent for this one before sends no more.
    pub fn void_leases(&self) -> Result<(), Trouble> {
        Ok(self.0.store().write(|tx| outbox::void_leases(tx, now()))?)
    }

    /// Letters whose time has come, whole: at most so many, and no more at once than memory takes. `behind`:
    /// these go behind the others.
    pub fn claim(&self, most: usize, behind: &[i64]) -> Result<Batch, Trouble> {
        let desk = self.0;
        if desk.store().read(outbox::next_due)?.is_none_or(|at| at > now()) {
            return Ok(Batch::default());
        }
        let due = desk.store().write(|tx| outbox::claim(tx, most, CLAIM_BYTES_MAX, behind, now()))?;
        stop_at("after-claim");
        let mut batch = Batch::default();
        for d in due {
            let id = d.id;
            // A bug in one letter keeps none of the others claimed for ever.
            match catch_unwind(AssertUnwindSafe(|| self.whole(d))) {
                Ok(Ok(Some(letter))) => batch.letters.push(letter),
                Ok(Ok(None)) => {
                    batch.ended.push((id, Sent::Refused("its forward-path is no address".into())))
                }
                Ok(Err(e)) => {
                    batch.ended.push((id, Sent::Deferred(format!("its files cannot be read: {e}"))))
                }
                Err(_) => batch.ended.push((id, Sent::Deferred("its files cannot be read (a bug)".into()))),
            }
        }
        Ok(batch)
    }

    /// A letter with its files; `None`: it goes to no address.
    fn whole(&self, d: outbox::Due) -> Result<Option<Claimed>, Trouble> {
        let Some(to) = AddrSpec::parse(&d.forward_path) else { return Ok(None) };
        let from = d.reverse_path.as_deref().and_then(AddrSpec::parse);
        let bytes = match d.files.is_empty() {
            true => d.bytes,
            false => {
                let whole = || self.bytes_of(&d.files).map(|files| compose::attach(&d.bytes, files));
                match self.0.poison().putting_together(d.id, whole) {
                    Some(bytes) => bytes?,
                    // Its words leave; the letter itself is not what ended the program.
                    None => d.bytes,
                }
            }
        };
        Ok(Some(Claimed { id: d.id, from, to, bytes, sheds: d.sheds }))
    }

    /// Nothing was decided about these claimed letters, since the relay is at fault: they are due again in so
    /// many seconds, and as soon as it takes letters.
    pub fn put_back(&self, ids: &[i64], why: &str, secs: i64) -> Result<(), Trouble> {
        let at = now() + secs;
        Ok(self
            .0
            .store()
            .write(|tx| ids.iter().try_for_each(|id| outbox::put_back(tx, *id, why, at, now())))?)
    }

    /// The relay takes letters again: those that waited for it leave now. Where it was not at fault as a
    /// whole, those that it refused once get a second try at once, and the others wait their time.
    pub fn relay_answers(&self, was_at_fault: bool) -> Result<(), Trouble> {
        let attempts_max = if was_at_fault { i64::MAX } else { 1 };
        Ok(self.0.store().write(|tx| outbox::relay_answers(tx, attempts_max, now()))?)
    }

    /// Letters that were given up: (those to staff, the others).
    pub fn failed(&self) -> Result<(i64, i64), Trouble> {
        Ok(self.0.store().read(outbox::failed)?)
    }

    /// The files of a letter with their bytes, out of the kept mails. One whose mail is gone does not come
    /// along.
    fn bytes_of(&self, files: &[LetterFile]) -> Result<Vec<OutFile>, Trouble> {
        let mut out = Vec::with_capacity(files.len());
        for of_one_mail in files.chunk_by(|a, b| a.mail == b.mail) {
            let packed = self.0.store().read(|c| kept::packed(c, of_one_mail[0].mail))?;
            let mut raw = packed.map(|packed| unpack(&packed)).unwrap_or_default();
            let parts: Vec<u32> = of_one_mail.iter().filter_map(|f| f.part).collect();
            let mut decoded = parse::attachments(&raw, &parts).into_iter();
            for f in of_one_mail {
                let data = match f.part {
                    Some(_) => decoded.next().flatten(),
                    None => Some(std::mem::take(&mut raw)),
                };
                out.extend(data.map(|data| OutFile {
                    filename: f.filename.clone(),
                    media_type: f.media_type.clone(),
                    data,
                }));
            }
        }
        Ok(out)
    }

    /// How an attempt to send a letter ended.
    pub fn settle(&self, letter: i64, sent: Sent) -> Result<(), Trouble> {
        stop_at("after-250-before-settle");
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
    /// The letters that are on their way or that failed, oldest first.
    pub fn letters(&self) -> Result<Vec<OutboxEntry>, Trouble> {
        let mut all = self.0.store().read(outbox::list)?;
        let relay = self.0.condition().parts_kept()?.into_iter().find(|h| h.part == SENDER_PART && !h.good);
        // What waits behind a relay that is away was not tried itself.
        for entry in all.iter_mut().filter(|e| e.reason.is_empty()) {
            entry.reason = relay.as_ref().map(|h| h.detail.clone()).unwrap_or_default();
        }
        Ok(all)
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

    /// Makes letters that wait or failed due now: those that are named, or all of them. Gives back how many.
    pub fn retry(&self, ids: &[i64]) -> Result<usize, Refusal> {
        self.letters_ordered(&OperatorOrder::Retry(ids))
    }

    /// Cancels these letters; gives back how many.
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
