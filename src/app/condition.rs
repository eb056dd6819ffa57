//! How the desk is doing: parts of the daemon, numbers, breakers (T26), and what must not be forgotten (T76).

use super::clock::now;
use super::error::Trouble;
use super::handles::Condition;
use super::values::Health;
use crate::store::stats::{self, Counted};
use crate::store::{alarm, health, held, ticket};

/// From this count on the public page says "many" (T76).
const MANY: i64 = 10;

/// A metric: name, help, labels, value.
pub type Number = (&'static str, &'static str, Vec<(&'static str, String)>, f64);

impl Condition<'_> {
    /// Notes the state of a part; it is written only where it changed.
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
        // Where the disk is full, the state still counts in memory, so that the daemon can tell it.
        let _ = self.0.store().write(|tx| health::set(tx, part, good, detail, new.at));
    }

    /// Can the store be read?
    pub fn reads(&self) -> bool {
        self.0.store().read(health::all).is_ok()
    }

    /// The parts of this process, as it knows them.
    pub fn parts(&self) -> Vec<Health> {
        self.0.0.health.lock().expect("no panic while held").clone()
    }

    /// The parts as the daemon wrote them down last.
    pub fn parts_kept(&self) -> Result<Vec<Health>, Trouble> {
        let rows = self.0.store().read(health::all)?;
        Ok(rows.into_iter().map(|(part, good, detail, at)| Health { part, good, detail, at }).collect())
    }
}

impl Condition<'_> {
    /// Notes how many letters were given up. Where one of them was for staff, somebody has to look: they may
    /// not have heard of a mail (T113).
    pub fn look_at_failed_letters(&self) -> Result<(), Trouble> {
        let (staff, others) = self.0.outbox().failed()?;
        let detail = match (staff, others) {
            (0, 0) => "none".to_owned(),
            (0, n) => format!("{n} to customers; see maildesk outbox list"),
            (n, m) => format!("{n} to staff, {m} to customers; see maildesk outbox list"),
        };
        self.set("failed letters", staff == 0, &detail);
        Ok(())
    }

    /// How many letters were given up, in words that tell outsiders nothing (T76).
    pub fn failed_letters(&self) -> Result<&'static str, Trouble> {
        let (staff, others) = self.0.outbox().failed()?;
        Ok(amount(staff + others))
    }
}

/// T76: none, a few or many.
fn amount(n: i64) -> &'static str {
    match n {
        0 => "none",
        1..MANY => "a few",
        _ => "many",
    }
}

impl Condition<'_> {
    /// Which breakers are open and how much each keeps back, in words.
    pub fn breakers(&self) -> Result<String, Trouble> {
        let bounds = &self.0.rules().bounds;
        let (open, letters) = self
            .0
            .store()
            .read(|c| Ok((alarm::open(c)?, alarm::letters_of_hour(c, bounds, None, now())?)))?;
        let open: Vec<String> = open.into_iter().map(|a| a.text).collect();
        Ok(match open.is_empty() {
            true => format!("automatic letters in this hour: {letters}, no breaker is open"),
            false => format!("automatic letters in this hour: {letters}; {}", open.join("; ")),
        })
    }
}

impl Condition<'_> {
    /// How many mails are held, those in quarantine among them.
    pub fn held_count(&self) -> Result<i64, Trouble> {
        let (held, quarantine) = self.0.store().read(held::counts)?;
        Ok(held + quarantine)
    }
}

impl Condition<'_> {
    /// What waits for staff, in words that tell outsiders nothing (T76).
    pub fn forgotten(&self) -> Result<[(&'static str, &'static str); 2], Trouble> {
        let at = now();
        let (held, overdue) = (self.held_count()?, self.overdue_count(at)?);
        Ok([("held mail", amount(held)), ("overdue tickets", amount(overdue))])
    }

    /// No further than to "many".
    fn overdue_count(&self, at: i64) -> Result<i64, Trouble> {
        let most = usize::try_from(MANY).unwrap_or(usize::MAX);
        let overdue = self.0.store().read(|c| ticket::overdue(c, at, most))?;
        Ok(i64::try_from(overdue.len()).unwrap_or(i64::MAX))
    }
}

impl Condition<'_> {
    /// Counts for `stats`, status and metrics.
    pub fn counts(&self) -> Result<Vec<(Counted, i64)>, Trouble> {
        Ok(self.0.store().read(stats::counts)?)
    }
}

impl Condition<'_> {
    /// Name, help, labels and value for `/metrics`; fixed words only (T76).
    pub fn numbers(&self) -> Result<Vec<Number>, Trouble> {
        let rows = self.counts()?;
        let mut out = Vec::new();
        for (counted, n) in rows {
            let (name, help, key) = match counted {
                Counted::Tickets(_) => ("maildesk_tickets", "Tickets by status", "status"),
                Counted::Letters(_) => ("maildesk_letters", "Letters by state", "state"),
                Counted::Mails(_) => ("maildesk_mails", "Mails taken in by outcome", "outcome"),
                Counted::KeptBack(_) => {
                    ("maildesk_letters_kept_back_total", "Automatic letters that a limit kept back", "limit")
                }
                Counted::Held | Counted::Quarantined => {
                    ("maildesk_held", "Mails that were kept and not acted on", "kind")
                }
            };
            #[allow(clippy::cast_precision_loss)]
            out.push((name, help, vec![(key, counted.word().to_owned())], n as f64));
        }
        Ok(out)
    }
}
