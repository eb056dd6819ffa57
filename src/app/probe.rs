//! Probes: written, sent by an edge, noticed when they come back; and what else `check` wants to know.

use super::{Claimed, Desk, Looked, Position, Sent, Trouble, now};
use crate::desk::probe::{self, Kind, Probe, Returned, Verdict};
use crate::mail::{Inbound, parse};
use crate::store::{self, Tx};

impl Desk {
    /// Writes a probe, which the caller sends at once. Its number is negative: letters have the others.
    pub fn write_probe(&self, kind: Kind) -> Result<Claimed, Trouble> {
        Ok(self.store().write(|tx| {
            let written = probe::write(self.rules(), kind, &mut self.moment());
            let number = store::probe::add(tx, &written.id, kind, written.to.as_str(), now())?;
            Ok(Claimed { id: -number, from: Some(written.from), to: written.to, bytes: written.bytes })
        })?)
    }

    /// How sending a probe ended.
    pub fn settle_probe(&self, id: i64, sent: &Sent) -> Result<(), Trouble> {
        let (words, refused) = match sent {
            Sent::Accepted(words) | Sent::Deferred(words) | Sent::Unknown(words) => (words, false),
            Sent::Refused(words) => (words, true),
        };
        Ok(self.store().write(|tx| store::probe::answered(tx, -id, words, refused))?)
    }

    /// What is known by now of the probes that [`Desk::write_probe`] gave these numbers.
    pub fn probes(&self, ids: &[i64]) -> Result<Vec<Probe>, Trouble> {
        let numbers: Vec<i64> = ids.iter().map(|id| -id).collect();
        Ok(self.store().read(|c| store::probe::some(c, &numbers))?)
    }

    /// The last probe of each kind.
    pub fn last_probes(&self) -> Result<Vec<Probe>, Trouble> {
        Ok(self.store().read(store::probe::last)?)
    }

    /// Mails in the name of staff in the last 30 days, by the domain of their From: (domain, those that it proved, all).
    pub fn staff_domains(&self) -> Result<Vec<(String, u32, u32)>, Trouble> {
        Ok(self.store().read(|c| store::review::staff_domains(c, now() - 30 * 86_400))?)
    }

    pub fn verdict(&self, probes: &[Probe]) -> Verdict {
        probe::verdict(self.rules(), probes)
    }

    /// Looks at a mail that lies in a mailbox and is not taken in: is it a probe that came back? Nothing else follows.
    pub fn notice_probe(&self, mailbox: &str, raw: &[u8]) -> Result<(), Trouble> {
        let field = b"X-Maildesk-Loop";
        if !raw.windows(field.len()).any(|w| w.eq_ignore_ascii_case(field)) {
            return Ok(());
        }
        let mail: Inbound = parse::parse_for_intake(raw);
        let Some(returned) = probe::returned(self.rules(), &mail, &raw) else { return Ok(()) };
        Ok(self.store().write(|tx| note(tx, Some(mailbox), &returned))?)
    }

    /// Notes in the transaction that takes a mail in that it is a probe, or a report about one.
    pub(super) fn probe_came(&self, tx: &Tx<'_>, looked: &Looked) -> store::Result<()> {
        let mailbox = match &looked.position {
            Position::Imap { mailbox, .. } | Position::Maildir { mailbox, .. } => Some(mailbox.as_str()),
            Position::Stdin { .. } => None,
        };
        match probe::returned(self.rules(), &looked.mail, looked) {
            Some(returned) => note(tx, mailbox, &returned),
            None => Ok(()),
        }
    }
}

fn note(tx: &Tx<'_>, mailbox: Option<&str>, returned: &Returned) -> store::Result<()> {
    match returned {
        Returned::Back(id, seen) => store::probe::back(tx, id, mailbox, seen, now()),
        Returned::Report(id, Some(why)) => store::probe::refused(tx, id, why),
        Returned::Report(_, None) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::Outcome;

    /// A probe that is taken in is a loop: kept, noticed, and no ticket; only its first coming back counts.
    #[test]
    fn t27_a_probe_comes_back_as_a_loop_and_is_noticed() {
        let desk = Desk::empty().expect("a desk");
        let sent: Vec<Claimed> = [Kind::Plain, Kind::PlusAddress].map(|k| desk.write_probe(k).expect("a probe")).into();
        let ids: Vec<i64> = sent.iter().map(|c| c.id).collect();
        desk.settle_probe(ids[0], &Sent::Accepted("250 taken".into())).expect("settled");
        desk.settle_probe(ids[1], &Sent::Refused("553 no".into())).expect("settled");
        let position = || Position::Maildir { mailbox: "support".into(), name: "1".into() };
        let taken = desk.take(&[desk.look(sent[0].bytes.clone(), position())]).expect("taken");
        assert_eq!(taken[0].outcome, Outcome::Loop.as_str());
        assert!(desk.tickets(None).expect("tickets").is_empty() && desk.held().expect("held").is_empty());
        let known = desk.probes(&ids).expect("both");
        let back = known[0].back.as_ref().expect("it came back");
        assert_eq!((back.mailbox.as_deref(), back.seen.id_kept, known[0].relay.as_str()), (Some("support"), true, "250 taken"));
        assert!(known[1].back.is_none() && known[1].refused.as_deref() == Some("553 no"));
        desk.notice_probe("another", &sent[0].bytes).expect("looked at");
        assert_eq!(desk.probes(&ids).expect("both")[0].back.as_ref().and_then(|b| b.mailbox.clone()).as_deref(), Some("support"));
        desk.notice_probe("support", &sent[1].bytes).expect("looked at");
        let last = desk.last_probes().expect("both");
        assert!(last.len() == 2 && last.iter().all(|p| p.back.is_some()));
    }
}
