//! What the operator is told once: breakers of the gate (T26). They open in the decision that they stop, and
//! close here.

use super::{Desk, Trouble, now};
use crate::desk::guard::{BREAKER_DESK, BREAKER_DOMAIN};
use crate::store::alarm;

const HOUR: i64 = 3600;

impl Desk {
    /// In words: is a breaker open? Each with what it keeps back.
    pub fn breakers(&self) -> Result<String, Trouble> {
        let (open, letters) =
            self.store().read(|c| Ok((alarm::open(c)?, alarm::letters_since(c, None, now() - HOUR)?)))?;
        let open: Vec<String> = open.into_iter().map(|a| a.text).collect();
        Ok(match open.is_empty() {
            true => format!("{letters} automatic letters in this hour, no breaker is open"),
            false => format!("{letters} automatic letters in this hour; {}", open.join("; ")),
        })
    }

    /// Tells of what opened, and closes what is over. The alarm ends at half of the limit, so that a storm at
    /// the limit is one alarm and not one a minute; whether a letter leaves is asked of the limit itself.
    pub(super) fn alarms(&self) -> Result<(), Trouble> {
        let rules = self.rules();
        let at = now();
        for open in self.store().read(alarm::open)? {
            if !open.told {
                tracing::warn!("{}", open.text);
                self.store().write(|tx| alarm::told(tx, open.id, at))?;
            }
            let domain = open.what.strip_prefix(BREAKER_DOMAIN);
            let most = match domain {
                Some(_) => rules.letters_per_domain_hour,
                None if open.what == BREAKER_DESK => rules.letters_per_desk_hour,
                None => continue,
            };
            let letters = self.store().read(|c| alarm::letters_since(c, domain, at - HOUR))?;
            if letters <= most / 2 {
                self.store().write(|tx| alarm::close(tx, open.id, at))?;
                tracing::info!("a breaker closed: {}", open.what);
            }
        }
        Ok(())
    }
}
