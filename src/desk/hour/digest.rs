//! The daily digest: one letter at the start of the working day for staff who want it instead of single
//! notices, and for all staff on days on which something must not be forgotten.

use crate::desk::builder::decision::Builder;
use crate::desk::letter::digest as letter;
use crate::desk::letter::digest::DigestCounts;
use crate::desk::model::hour::DigestEntry;
use crate::desk::model::{Change, Morning, Snapshot, Staff};
use crate::desk::notify;
use crate::desk::rules::Rules;

/// Sends what there is to send, and remembers that this day was told.
pub fn queue_digests(builder: &mut Builder<'_>, morning: &Morning) {
    builder.change(Change::DigestTold { at: morning.at, message: morning.message, ticket: morning.ticket });
    for staff in &builder.known.staff {
        let wants = builder.known.digest.contains(&staff.person.id);
        let told = if wants {
            count_for(builder.rules, builder.known, staff, &morning.news)
        } else {
            DigestCounts::default()
        };
        let waits = morning.held > 0 || morning.failed > 0 || !morning.overdue.is_empty();
        if waits || told.counts.iter().any(|n| *n > 0) {
            letter::queue(builder, &staff.person, morning, wants.then_some(&told));
        }
    }
}

/// What concerns a person, but for what they did themselves.
pub fn count_for(rules: &Rules, known: &Snapshot, staff: &Staff, news: &[DigestEntry]) -> DigestCounts {
    let mut out = DigestCounts::default();
    for n in news.iter().filter(|n| n.author != Some(staff.person.id)) {
        let whom = notify::staff_for(rules, known, n.assignee, n.mailbox.as_deref(), n.category.as_deref());
        if whom.iter().any(|s| s.person.id == staff.person.id) {
            let at = n.what as usize;
            out.counts[at] += n.count;
            if out.tickets[at].last() != Some(&n.ticket) {
                out.tickets[at].push(n.ticket);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
