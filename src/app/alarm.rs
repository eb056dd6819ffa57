//! What the operator is told once: breakers of the gate (T26).

use super::{Desk, Trouble, now};
use crate::store::alarm;

/// Letters count for a breaker for so long; seconds.
const HOUR: i64 = 3600;

impl Condition<'_> {
    /// In words: is a breaker open? Each with what it keeps back.
    pub fn breakers(&self) -> Result<String, Trouble> {
        let (open, letters) =
            self.0.store().read(|c| Ok((alarm::open(c)?, alarm::letters_since(c, None, now() - HOUR)?)))?;
        let open: Vec<String> = open.into_iter().map(|a| a.text).collect();
        Ok(match open.is_empty() {
            true => format!("{letters} automatic letters in this hour, no breaker is open"),
            false => format!("{letters} automatic letters in this hour; {}", open.join("; ")),
        })
    }
}
