//! The one gate of every letter that nobody wrote by hand (RFC 3834 §2, THREATS T23 to T31, T108). It rules
//! on answering, never on keeping: what it keeps back is counted, and what staff would miss comes later, as
//! one.
//!
//! May this letter leave now? [`super::send`] asks it about every letter. Whether a mail may be answered at
//! all is said by `inbound/answerable`.

use super::draft::Draft;
use crate::desk::model::bounds::AHEAD_SECS;
use crate::desk::model::{LetterKind, LetterRef, Limit, Snapshot, TicketFacts};
use crate::desk::rules::Rules;

/// Notices per ticket and person in [`NOTICE_SECS`]; what is beyond comes as one (T31).
pub const NOTICES_MAX: usize = 5;

/// See [`NOTICES_MAX`]; seconds.
pub const NOTICE_SECS: i64 = 600;

/// Asked about every letter: the limit that keeps it back, `None` where it may leave. A new kind of letter is
/// decided here or does not compile.
pub fn limit_reached(
    rules: &Rules,
    known: &Snapshot,
    draft: &Draft,
    facts: Option<&TicketFacts>,
    now: i64,
) -> Option<Limit> {
    let to = draft.to.id;
    match draft.kind {
        // A human wrote it.
        LetterKind::Answer => None,
        LetterKind::Confirmation => {
            let before = facts.is_some_and(|f| {
                f.letters.iter().any(|l| l.kind == LetterKind::Confirmation && l.person == to)
            });
            before.then_some(Limit::Again)
        }
        LetterKind::Notification => {
            facts.is_some_and(|f| noticed_enough(f, to, now)).then_some(Limit::Notices)
        }
        LetterKind::Result => {
            let many = known.counts.results_staff_hour >= rules.answers_per_staff_hour;
            (many && known.counts.staff == Some(to)).then_some(Limit::Results)
        }
        // Counted where they are made: one an hour; T30; what was kept back, spaced by the hour's work; and
        // one a day.
        LetterKind::Hold | LetterKind::Link | LetterKind::Summary | LetterKind::Digest => None,
    }
}

/// T31: did this person have enough notices about this ticket for now?
fn noticed_enough(facts: &TicketFacts, person: i64, now: i64) -> bool {
    let recent = |l: &&LetterRef| {
        let since = now - NOTICE_SECS..=now + AHEAD_SECS;
        l.kind == LetterKind::Notification && l.person == person && since.contains(&l.created_at)
    };
    facts.letters.iter().filter(recent).count() >= NOTICES_MAX
}
