//! May we answer? (RFC 3834 §2, THREATS T23 to T29, T31.) It rules on answering, never on keeping.

use super::proof::DomainProof;
use super::{Confirm, Counts, LetterKind, Mailed, Rules, TicketFacts};

/// A mail older than this when it is taken in tells of an outage; seconds (T18).
pub const STALE_SECS: i64 = 24 * 3600;
/// Notices per ticket and person in [`NOTICE_SECS`]; what is beyond comes as one (T31).
pub const NOTICES_MAX: usize = 5;
pub const NOTICE_SECS: i64 = 600;

/// Why a machine wrote it; `None` for a human. A list in front of the desk (`own_lists`) does not count.
pub fn automatic<'a>(rules: &Rules, mailed: &'a Mailed<'_>) -> Option<&'a str> {
    let auto = &mailed.mail.automatic;
    let own_list =
        auto.only_list && auto.list_id.as_ref().is_some_and(|l| rules.own_lists.iter().any(|o| o.eq_ignore_ascii_case(l)));
    if own_list { None } else { auto.why.as_deref() }
}

/// The reverse-path is `<>` (RFC 5321 §4.5.5).
pub fn null_sender(mailed: &Mailed<'_>) -> bool {
    mailed.null_sender || mailed.mail.return_path == Some(None)
}

/// Why this mail gets no confirmation; `None`: it gets one.
pub fn no_confirmation(
    rules: &Rules,
    mailed: &Mailed<'_>,
    domain: DomainProof,
    counts: &Counts,
    now: i64,
) -> Option<&'static str> {
    let auto = &mailed.mail.automatic;
    if mailed.history {
        return Some("it was there before the desk");
    }
    if now - mailed.arrived_at > STALE_SECS {
        return Some("it came more than a day ago");
    }
    // T28: on a counter-proof no answer at all.
    match (domain, rules.confirm) {
        (DomainProof::Disproved, _) => return Some("somebody else wrote it"),
        (_, Confirm::None) => return Some("confirmations are off"),
        (DomainProof::Unknown, Confirm::Proven) => return Some("its domain did not prove it"),
        (DomainProof::Unknown, Confirm::All) | (DomainProof::Dkim | DomainProof::Dmarc, Confirm::All | Confirm::Proven) => {}
    }
    // RFC 3834 §2: no answer to an automatic mail, to a list, to a null sender, or where the sender asks for none.
    if automatic(rules, mailed).is_some() {
        return Some("a machine or a list wrote it");
    }
    if auto.suppress {
        return Some("the sender asks for no automatic answer");
    }
    if null_sender(mailed) || auto.daemon || auto.no_reply || mailed.mail.report.is_some() {
        return Some("its sender is not answered");
    }
    if counts.tickets_sender_hour >= rules.tickets_per_sender_hour {
        return Some("its sender opened too many tickets in an hour");
    }
    over_limit(rules, domain, counts)
}

/// T25, T26: the limits that need no header.
fn over_limit(rules: &Rules, domain: DomainProof, counts: &Counts) -> Option<&'static str> {
    if counts.letters_address_day >= rules.letters_per_address_day {
        Some("this address got its letters for today")
    } else if counts.letters_domain_hour >= rules.letters_per_domain_hour && !domain.proven() {
        Some("this domain got its letters for this hour")
    } else if counts.letters_desk_hour >= rules.letters_per_desk_hour {
        Some("the desk sent its letters for this hour")
    } else {
        None
    }
}

/// May staff hear of this mail by a letter? Reports and null senders notify nobody (T24).
pub fn may_notify(mailed: &Mailed<'_>) -> bool {
    !(mailed.history || null_sender(mailed) || mailed.mail.report.is_some())
}

/// T31: did this person have enough notices about this ticket for now?
pub fn noticed_enough(facts: &TicketFacts, person: i64, now: i64) -> bool {
    let recent =
        |l: &&super::LetterRef| l.kind == LetterKind::Notification && l.person == person && l.created_at > now - NOTICE_SECS;
    facts.letters.iter().filter(recent).count() >= NOTICES_MAX
}
