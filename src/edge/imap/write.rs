//! Commits mails, and waits where the store cannot take them.

use crate::app::{Desk, Looked, Trouble};
use std::time::Duration;

/// Waits while the store is busy or full; nothing is skipped (T86).
pub fn take_patiently(desk: &Desk, looked: Vec<Looked>) -> Result<(), Trouble> {
    let mut wait = Duration::from_secs(1);
    for attempt in 0.. {
        match desk.intake().take(&looked) {
            Ok(taken) => {
                for t in taken {
                    tracing::info!(mail.id = t.mail, ticket = t.ticket, "mail taken in: {}", t.outcome);
                }
                if attempt > 0 {
                    desk.condition().set("store", true, "mail is kept");
                }
                break;
            }
            Err(e @ (Trouble::Busy(_) | Trouble::Full(_))) if attempt < 8 => {
                tracing::error!("intake pauses: {e}");
                desk.condition().set("store", false, &e.to_string());
                std::thread::sleep(wait);
                wait = (wait * 2).min(Duration::from_secs(4));
            }
            Err(e) => return Err(e),
        }
    }
    Ok(())
}
