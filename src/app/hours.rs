//! The Hour: finds what has come due, lets the desk decide, and writes what follows. The one click that ends
//! the digest (RFC 8058) stands here, too.

use super::clock::now;
use super::error::Trouble;
use super::handles::{Hours, Visitors};
use crate::desk::model::bounds::CLOCK_MIN_SECS;
use crate::desk::model::{HourPart, HourScope};
use crate::desk::visitor::Form;
use crate::desk::{Change, Event, seal};
use crate::store::{self, due, retention};
use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};
use std::time::Instant;

impl Hours<'_> {
    /// Does what is due now. Where nothing is due, nothing is written.
    pub fn pass(&self) -> Result<(), Trouble> {
        self.pass_at(now())
    }

    pub(super) fn pass_at(&self, at: i64) -> Result<(), Trouble> {
        self.count_away(at)?;
        // One turn takes up so much that nobody waits for it, and the next one takes the rest.
        loop {
            match self.turn(HourPart::All, at) {
                Ok(true) => {}
                Ok(false) => {
                    self.all_failing().clear();
                    return Ok(());
                }
                Err(store::Error::Sql(_)) => return self.singly(at),
                Err(e) => return Err(e.into()),
            }
        }
    }

    /// A summary names so many notices and counts the others. Those are counted before, in small steps.
    fn count_away(&self, at: i64) -> Result<(), Trouble> {
        let (store, bounds) = (self.0.store(), &self.0.rules().bounds);
        while let Some(last) = store.read(|c| due::overfull(c, bounds, at))? {
            store.write(|tx| due::count_away(tx, bounds, last))?;
        }
        Ok(())
    }

    /// One transaction of what time brings. Is there more than it took up?
    fn turn(&self, part: HourPart, at: i64) -> store::Result<bool> {
        let scope = HourScope { part, aside: self.aside(at), clock_is_sound: self.clock_is_sound(at) };
        let done = self.0.happen_apart(&Event::Hour(&scope), at)?;
        let (bounds, changes) = (&self.0.rules().bounds, &done.decision.changes);
        let notices = changes.iter().filter(|c| matches!(c, Change::PendingDone { .. })).count();
        let tickets = changes.iter().filter(|c| matches!(c, Change::Ticket { .. })).count();
        Ok(notices >= bounds.hour_notices_max || tickets >= bounds.hour_tickets_max)
    }

    /// Where the program fails on something that is due, everything is done by itself, so that one odd ticket
    /// stops nobody's reminder. It is left alone for an hour, and the operator hears of it.
    fn singly(&self, at: i64) -> Result<(), Trouble> {
        let bounds = &self.0.rules().bounds;
        let sound = self.clock_is_sound(at);
        let mut tickets = self.0.store().read(|c| {
            let ahead = if sound { due::ahead(c, bounds, at)? } else { Vec::new() };
            let waking = due::waking(c, bounds, at)?;
            Ok([ahead, waking, due::reminding(c, bounds, at)?].concat())
        })?;
        tickets.sort_unstable();
        tickets.dedup();
        let aside = self.aside(at);
        for number in tickets.into_iter().filter(|n| !aside.contains(n)) {
            if !self.tried(self.turn(HourPart::Ticket(number), at), &self.0.token(number))? {
                self.all_aside().insert(number, at + bounds.hour_secs);
            }
        }
        let mut failing = Vec::new();
        for (part, name) in [
            (HourPart::Notices, "notices that were held back"),
            (HourPart::Untold, "letters about held mail"),
            (HourPart::Alarms, "alarms"),
            (HourPart::Digest, "the digest"),
        ] {
            if !self.tried(self.turn(part, at), name)? {
                failing.push(name);
            }
        }
        *self.all_failing() = failing;
        Ok(())
    }

    /// False: the program failed on this. Whatever waiting may help with is an error for all of it.
    fn tried(&self, turn: store::Result<bool>, what: &str) -> Result<bool, Trouble> {
        match turn {
            Ok(_) => Ok(true),
            Err(store::Error::Sql(why)) => {
                tracing::error!("what time brings failed for {what}: {why}");
                Ok(false)
            }
            Err(e) => Err(e.into()),
        }
    }

    fn all_aside(&self) -> MutexGuard<'_, HashMap<i64, i64>> {
        self.0.0.aside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all_failing(&self) -> MutexGuard<'_, Vec<&'static str>> {
        self.0.0.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tickets that are left alone at this time.
    fn aside(&self, at: i64) -> Vec<i64> {
        let mut all = self.all_aside();
        all.retain(|_, until| *until > at);
        all.keys().copied().collect()
    }

    /// Tickets on which what time brings failed a while ago, as people name them, and the kinds of work that
    /// failed the last time.
    pub fn failing(&self) -> Vec<String> {
        let mut numbers = self.aside(now());
        numbers.sort_unstable();
        let kinds: Vec<_> = self.all_failing().iter().map(|kind| (*kind).to_owned()).collect();
        [numbers.into_iter().map(|n| self.0.token(n)).collect(), kinds].concat()
    }

    /// Seconds until something comes due.
    pub fn next(&self) -> Result<u64, Trouble> {
        let at = now();
        let next = self.0.store().read(|c| store::due::next(c, &self.0.rules().bounds, at))?;
        let start = self.0.rules().targets.mornings.next_start(at);
        Ok(u64::try_from(next.map_or(start, |next| next.min(start)) - at).unwrap_or(0))
    }
}

impl Visitors<'_> {
    /// Does this id name somebody's digest?
    pub fn digest_id_is_ours(&self, id: &str) -> bool {
        seal::read_leave_id(&self.0.rules().keys, id).is_some()
    }

    /// Ends the digest of the person with this id, who gets single notices again. False: there is no such id.
    /// A second time changes nothing.
    pub fn leave_digest(&self, id: &str) -> Result<bool, Trouble> {
        let Some(person) = seal::read_leave_id(&self.0.rules().keys, id) else { return Ok(false) };
        self.0.happen(&Event::Form(&Form::LeaveDigest { person }))?;
        Ok(true)
    }
}

impl Hours<'_> {
    /// D24: expired sessions and links leave the database, and what a clock wrote that was ahead is set right
    /// (T93). In small steps, so that nobody waits.
    pub fn forget_expired(&self) -> Result<(), Trouble> {
        let (store, bounds, at) = (self.0.store(), &self.0.rules().bounds, now());
        if !self.clock_is_sound(at) {
            return Ok(());
        }
        while store.write(|tx| retention::forget_expired(tx, bounds, at))? {}
        while store.write(|tx| retention::set_right(tx, bounds, at))? {}
        Ok(())
    }

    /// False: the clock of this machine is wrong, or jumped while the daemon runs; nothing expires.
    pub fn clock_is_right(&self) -> bool {
        self.clock_is_sound(now())
    }

    /// T93: where the clock moved by more than a day since the last time, and no day went by, nothing is
    /// forgotten or set right until it stands where it stood, or the daemon is started anew. Nor is anything
    /// where it shows a time at which this program did not exist: then not what was written is wrong.
    fn clock_is_sound(&self, at: i64) -> bool {
        if at < CLOCK_MIN_SECS {
            return false;
        }
        let mut last = self.0.0.forgot.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((then, when)) = *last else {
            *last = Some((Instant::now(), at));
            return true;
        };
        let passed = i64::try_from(then.elapsed().as_secs()).unwrap_or(i64::MAX);
        if (at - when - passed).abs() > self.0.rules().bounds.day_secs {
            return false;
        }
        *last = Some((Instant::now(), at));
        true
    }
}

impl Hours<'_> {
    /// Merges the search index and empties the log, when there is nothing else to do.
    pub fn tidy(&self) -> Result<(), Trouble> {
        Ok(self.0.store().tidy()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Desk;
    use crate::app::testing::{Letter, address, desk, letters, mail, take};
    use crate::app::{Ordered, StaffChange};
    use crate::desk::order::command::Order;

    const BOB: &str = "bob@staff.example";
    const EVE: &str = "eve@staff.example";

    /// Bob has the digest; the desk has had its first hour.
    fn with_digest() -> Desk {
        let (_, desk) = desk(&[BOB, EVE]);
        desk.operator()
            .change_staff(&StaffChange::Digest { address: &address(BOB), on: true })
            .expect("chosen");
        desk.hours().pass().expect("the first hour");
        desk
    }

    fn sql(desk: &Desk, sql: &str) {
        desk.store().write(|tx| Ok(tx.conn().execute_batch(sql)?)).expect("rows");
    }

    /// As if the working day had begun between two turns of the Hour.
    fn next_morning(desk: &Desk) -> Vec<Letter> {
        sql(desk, "update digest set at = at - 86400");
        desk.hours().pass().expect("an hour");
        letters(desk)
    }

    fn to(letters: &[Letter]) -> Vec<&str> {
        letters.iter().map(|l| l.to.as_str()).collect()
    }

    #[test]
    fn the_digest_tells_each_thing_once_and_each_day_once() {
        let desk = with_digest();
        assert!(letters(&desk).is_empty(), "the first start of a desk tells of nothing");
        take(&desk, &mail("alice@customer.example", None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
        assert_eq!(to(&letters(&desk)), ["alice@customer.example", EVE], "a confirmation and one notice");
        desk.operator().order(1, Some(&address(EVE)), &Ordered::Note { words: "VIP" }).expect("noted");
        desk.operator().order(1, Some(&address(BOB)), &Ordered::Note { words: "I know" }).expect("noted");
        letters(&desk);
        let day = next_morning(&desk);
        assert_eq!(to(&day), [BOB]);
        let said = day[0].words();
        assert!(said.contains("New tickets: 1 (DESK-1)") && said.contains("Notes: 1 (DESK-1)"), "{said}");
        assert!(!said.contains("Messages of customers"), "the first one is the ticket itself: {said}");
        desk.hours().pass().expect("an hour");
        assert!(letters(&desk).is_empty(), "not twice on a day");
        assert!(next_morning(&desk).is_empty(), "a day with nothing");
        take(
            &desk,
            &mail("alice@customer.example", None, "2@c.example", "Subject: Re: [DESK-1]\r\n", "Still dark."),
        );
        letters(&desk);
        let said = next_morning(&desk)[0].words();
        assert!(
            said.contains("Messages of customers: 1 (DESK-1)") && !said.contains("New tickets"),
            "{said}"
        );
    }

    #[test]
    fn t93_a_clock_that_goes_back_repeats_no_digest() {
        let desk = with_digest();
        take(&desk, &mail("alice@customer.example", None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
        letters(&desk);
        sql(&desk, "update digest set at = at + 36000");
        desk.hours().pass().expect("an hour");
        assert!(letters(&desk).is_empty(), "some hours back: this day was told");
        sql(&desk, "update digest set at = at + 315360000");
        desk.hours().pass().expect("an hour");
        assert!(letters(&desk).is_empty(), "ten years back: this day was told, and digests go on");
        let day = next_morning(&desk);
        assert!(
            to(&day) == [BOB] && day[0].words().contains("New tickets: 1 (DESK-1)"),
            "nothing is lost by it"
        );
        assert!(next_morning(&desk).is_empty(), "nor told twice");
    }

    #[test]
    fn nothing_held_and_nothing_overdue_is_forgotten() {
        let desk = with_digest();
        assert_eq!(
            desk.condition().forgotten().expect("words"),
            [("held mail", "none"), ("overdue tickets", "none")]
        );
        take(&desk, &mail("alice@customer.example", None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
        assert_eq!(
            take(&desk, &mail(EVE, None, "f@c.example", "Subject: [DESK-1]\r\n", "words")).outcome,
            "held"
        );
        desk.operator().order(1, None, &Ordered::Orders(vec![Order::Due(now() - 60)])).expect("due");
        letters(&desk);
        assert_eq!(
            desk.condition().forgotten().expect("words"),
            [("held mail", "a few"), ("overdue tickets", "a few")]
        );
        desk.hours().pass().expect("an hour");
        let reminders = letters(&desk);
        assert_eq!(to(&reminders), [BOB, EVE], "a reminder is a notice of its own");
        assert!(reminders.iter().all(|l| l.words().contains("DESK-1: overdue")));
        desk.hours().pass().expect("an hour");
        assert!(letters(&desk).is_empty(), "one for each due date");
        let day = next_morning(&desk);
        assert_eq!(to(&day), [BOB, EVE]);
        assert!(
            day.iter().all(|l| l.words().contains("Held mails: 1\nOverdue tickets: 1 (DESK-1)")),
            "{}",
            day[1].words()
        );
        sql(
            &desk,
            "insert into held (kind, mail, cause, verified, reason, received_at) select kind, mail, cause,
              verified, reason, 0
             from held, (select 1 union select 2 union select 3 union select 4 union select 5 union select \
             6 union select 7
             union select 8 union select 9)",
        );
        assert_eq!(desk.condition().forgotten().expect("words")[0], ("held mail", "many"));
    }

    #[test]
    fn the_next_moment_is_known() {
        let desk = with_digest();
        assert!(
            (0..=86_400).contains(&desk.hours().next().expect("a time")),
            "the next working day at the latest"
        );
        take(&desk, &mail("alice@customer.example", None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
        desk.operator().order(1, None, &Ordered::Orders(vec![Order::Due(now() + 30)])).expect("due");
        assert!((20..=30).contains(&desk.hours().next().expect("a time")));
        desk.operator()
            .order(1, None, &Ordered::Orders(vec![Order::Wait(Some(now() + 10))]))
            .expect("it waits");
        assert!(desk.hours().next().expect("a time") <= 10);
    }

    #[test]
    fn a_choice_outlives_the_restart_but_not_another_word_of_the_configuration() {
        let (_, desk) = desk(&[]);
        let bob = |digest| crate::config::StaffConfig {
            name: "Bob".into(),
            address: address(BOB),
            aliases: Vec::new(),
            digest,
        };
        let wants = |desk: &Desk| desk.operator().staff().expect("staff")[0].wants_digest();
        desk.staff_in_step(&[bob(true)]).expect("in step");
        assert!(wants(&desk));
        let person = desk.store().read(store::staff::with_digest).expect("persons")[0];
        let id = seal::leave_id(&desk.rules().keys, person);
        assert!(
            desk.visitors().leave_digest(&id).expect("left")
                && desk.visitors().leave_digest(&id).expect("left"),
            "however often"
        );
        assert!(!wants(&desk));
        desk.staff_in_step(&[bob(true)]).expect("in step");
        assert!(!wants(&desk), "a restart");
        desk.staff_in_step(&[bob(false)]).expect("in step");
        desk.staff_in_step(&[bob(true)]).expect("in step");
        assert!(wants(&desk), "the operator said so anew");
        assert!(!desk.visitors().leave_digest("nonsense").expect("no such id"));
    }
}
