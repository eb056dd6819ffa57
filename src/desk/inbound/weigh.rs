//! What a mail is worth, once the store has answered: whose it is, what proves that, and which words its
//! decision must therefore read. It is found once, and [`super::decide`] goes by it.

use super::answerable;
use super::staff::{crossed, quoted};
use crate::desk::model::{Mailed, Named, Snapshot, Weighed, Who};
use crate::desk::proof::named;
use crate::desk::proof::table::{self, Row};
use crate::desk::rules::Rules;

#[cfg(test)]
thread_local! {
    static WEIGHED: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// How often this thread weighed a mail. A mail of staff is weighed once.
#[cfg(test)]
pub fn count() -> u32 {
    WEIGHED.get()
}

/// Weighs a mail against what is known. `now` in seconds since 1970.
pub fn weigh(rules: &Rules, known: &Snapshot, mailed: &Mailed<'_>, now: i64) -> Weighed {
    #[cfg(test)]
    WEIGHED.set(WEIGHED.get() + 1);
    let named = named::examine(rules, known, mailed, now);
    // Whoever lets a held mail go says so now.
    let handled_before = mailed.facts.released.is_none() && answerable::is_before_restore(rules, mailed, now);
    let staff = mailed.mail.from.address().and_then(|a| known.staff_by_address(a));
    let Some(staff) = staff.filter(|_| is_obeyed(rules, mailed, &named)) else {
        return Weighed { named, handled_before, ..Weighed::default() };
    };
    let unseen = crossed::unseen_messages(known, &named, mailed, staff.person.id);
    let said_in = named.ticket.filter(|_| quoted::quotes(&mailed.mail.words.text));
    Weighed { named, unseen, said_in, handled_before }
}

/// Words are read for nobody else: anybody can forge a mail of staff, and a ticket can be long.
fn is_obeyed(rules: &Rules, mailed: &Mailed<'_>, named: &Named) -> bool {
    let row = table::row_for(Who::Staff, false, named.domain, named.reply, rules.staff_proof);
    row == Row::Obey || mailed.facts.released.is_some()
}
