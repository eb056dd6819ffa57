//! Probes: written, sent by an edge, noticed when they come back; and what else `check` wants to know.

use super::clock::now;
use super::error::Trouble;
use super::handles::Probes;
use super::values::{Claimed, Looked, Position};
use crate::desk::Event;
use crate::desk::model::Sent;
use crate::desk::probe::{self, Kind, Probe, Verdict};
use crate::mail::parse;
use crate::store;

impl Probes<'_> {
    /// Writes a probe, which the caller sends at once. Its number is negative: letters have the others.
    pub fn write(&self, kind: Kind) -> Result<Claimed, Trouble> {
        Ok(self.0.store().write(|tx| {
            let written = probe::write(self.0.rules(), kind, &mut self.0.moment());
            let number =
                store::probe::add(tx, &self.0.rules().bounds, &written.id, kind, written.to.as_str(), now())?;
            Ok(Claimed {
                id: -number,
                from: Some(written.from),
                to: written.to,
                bytes: written.bytes,
                sheds: false,
            })
        })?)
    }

    /// How sending a probe ended.
    pub fn settle(&self, id: i64, sent: &Sent) -> Result<(), Trouble> {
        let (words, refused) = match sent {
            Sent::Accepted(words)
            | Sent::Deferred(words)
            | Sent::RelayAway(words)
            | Sent::WithoutFiles(words)
            | Sent::Unknown(words) => (words, false),
            Sent::Refused(words) | Sent::RelayRefuses(words) => (words, true),
        };
        Ok(self.0.store().write(|tx| store::probe::answered(tx, -id, words, refused))?)
    }

    /// What is known by now of the probes that [`Desk::write_probe`] gave these numbers.
    pub fn some(&self, ids: &[i64]) -> Result<Vec<Probe>, Trouble> {
        let numbers: Vec<i64> = ids.iter().map(|id| -id).collect();
        Ok(self.0.store().read(|c| store::probe::some(c, &numbers))?)
    }

    /// The last probe of each kind.
    pub fn last(&self) -> Result<Vec<Probe>, Trouble> {
        Ok(self.0.store().read(store::probe::last)?)
    }

    /// Mails in the name of staff in the last 30 days, by the domain of their From: (domain, those that it
    /// proved, all).
    pub fn staff_domains(&self) -> Result<Vec<(String, u32, u32)>, Trouble> {
        Ok(self.0.store().read(|c| store::stats::staff_domains(c, now() - 30 * 86_400))?)
    }

    /// What these probes say about the mailbox and the relay.
    pub fn verdict(&self, probes: &[Probe]) -> Verdict {
        probe::verdict(self.0.rules(), probes)
    }

    /// A mail that lies in a mailbox and is not taken in, if it may be a probe that came back, or a report
    /// about one. Whoever asked DNS about it hands it to [`Desk::notice_probe`].
    pub fn look(&self, mailbox: &str, raw: Vec<u8>) -> Option<Looked> {
        let field = b"X-Maildesk-Loop";
        if !raw.windows(field.len()).any(|w| w.eq_ignore_ascii_case(field)) {
            return None;
        }
        let mail = parse::parse_for_intake(&raw);
        let (mailbox, name) = (mailbox.to_owned(), String::new());
        let position = Position::Maildir { mailbox, name, file: None, arrived_at: now(), history: false };
        Some(self.0.looked(mail, raw, position))
    }

    /// Notes what such a mail says of a probe. It goes down the road of every mail, but is not kept. A mail
    /// that says nothing of a probe is left alone.
    pub fn notice(&self, looked: &Looked) -> Result<(), Trouble> {
        if looked.facts.probe.is_none() {
            return Ok(());
        }
        let at = now();
        let (mailed, asked) = self.0.mailed(looked, at);
        self.0.happen_at(&Event::Mail(&mailed, &asked), at).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Desk;
    use crate::desk::Outcome;

    /// A probe that is taken in is a loop: kept, noticed, and no ticket; only its first coming back counts.
    #[test]
    fn t27_a_probe_comes_back_as_a_loop_and_is_noticed() {
        let desk = Desk::empty().expect("a desk");
        let sent: Vec<Claimed> =
            [Kind::Plain, Kind::PlusAddress].map(|k| desk.probes().write(k).expect("a probe")).into();
        let ids: Vec<i64> = sent.iter().map(|c| c.id).collect();
        desk.probes().settle(ids[0], &Sent::Accepted("250 taken".into())).expect("settled");
        desk.probes().settle(ids[1], &Sent::Refused("553 no".into())).expect("settled");
        let position = || Position::Maildir {
            mailbox: "support".into(),
            name: "1".into(),
            file: None,
            arrived_at: now(),
            history: false,
        };
        let taken =
            desk.intake().take(&[desk.intake().look(sent[0].bytes.clone(), position())]).expect("taken");
        assert_eq!(taken[0].outcome, Outcome::Loop.as_str());
        assert!(
            desk.operator().tickets(None).expect("tickets").is_empty()
                && desk.operator().held().expect("held").is_empty()
        );
        let known = desk.probes().some(&ids).expect("both");
        let back = known[0].back.as_ref().expect("it came back");
        assert_eq!(
            (back.mailbox.as_deref(), back.seen.id_kept, known[0].relay.as_str()),
            (Some("support"), true, "250 taken")
        );
        assert!(known[1].back.is_none() && known[1].refused.as_deref() == Some("553 no"));
        let notice = |mailbox: &str, raw: &[u8]| {
            let looked = desk.probes().look(mailbox, raw.to_vec()).expect("it has our mark");
            desk.probes().notice(&looked).expect("noted");
        };
        assert!(desk.probes().look("support", b"From: a@b.example\n\nx\n".to_vec()).is_none());
        notice("another", &sent[0].bytes);
        assert_eq!(
            desk.probes().some(&ids).expect("both")[0]
                .back
                .as_ref()
                .and_then(|b| b.mailbox.clone())
                .as_deref(),
            Some("support")
        );
        notice("support", &sent[1].bytes);
        let last = desk.probes().last().expect("both");
        assert!(last.len() == 2 && last.iter().all(|p| p.back.is_some()));
    }

    /// Mails in the name of staff, answers and held ones, by the domain that wrote them; not those of
    /// customers, nor old ones.
    #[test]
    fn staff_domains_are_counted_by_their_proof() {
        let desk = Desk::empty().expect("a desk");
        let at = now() - 86_400;
        let sql = format!(
            "insert into person (id, address, name, created_at) values (1, 'bob@a.example', '', 0), (2,
              'c@b.example', '', 0);
             insert into ticket (id, subject, status, priority, requester, created_at, updated_at) values (1,
               '', 'open', 'normal', 2, 0, 0);
             with m (id, address, kind, verified, at) as (values
               (1, 'bob@a.example', 'staff', 'dkim', {at}), (2, 'bob@a.example', 'note', 'dmarc', {at}),
               (3, 'bob@home.example', 'staff', 'reply-address', {at}), (4, 'c@b.example', 'customer', 'none',
                 {at}),
               (5, 'bob@old.example', 'staff', 'none', {at} - 40 * 86400), (6, 'bob@a.example', '', '', {at}),
               (7, 'bob@a.example', '', '', {at}))
             insert into mail (id, hash, from_address, subject, outcome, reason, source, size, received_at)
               select id, x'00', address, kind || ':' || verified, '', '', '', 1, at from m;
             insert into message (ticket, kind, via, author, author_name, mail, text, quoted, signature,
               verified, created_at)
               select 1, substr(subject, 1, instr(subject, ':') - 1), 'email', 1, '', id, '', '', '',
                 substr(subject, instr(subject, ':') + 1),
                      received_at from mail where id < 6;
             insert into held (kind, mail, person, cause, verified, reason, received_at)
               values ('held', 6, 1, 'unproven', 'none', '', {at}), ('held', 7, 1, 'crossed', 'dkim', '',
                 {at})"
        );
        desk.store().write(|tx| Ok(tx.conn().execute_batch(&sql)?)).expect("rows");
        let counted = desk.probes().staff_domains().expect("counted");
        assert_eq!(counted, [("a.example".to_owned(), 3, 4), ("home.example".to_owned(), 0, 1)]);
    }
}
