//! May this mail be answered, and may staff hear of it by a letter (RFC 3834 §2, THREATS T23 to T31)? It
//! rules on answering, never on keeping.

use crate::desk::model::bounds::AHEAD_SECS;
use crate::desk::model::{Counts, DomainProof, Limit, Mailed, Silence};
use crate::desk::rules::{Confirm, Rules};

/// A mail older than this when it is taken in tells of an outage; seconds (T18).
const STALE_SECS: i64 = 24 * 3600;

/// It comes so late that there was an outage, or it is older than a backup that was restored, so it was most
/// likely answered before (T18, T114).
pub fn is_late(rules: &Rules, mailed: &Mailed<'_>, now: i64) -> bool {
    now - mailed.arrived_at > STALE_SECS || is_before_restore(rules, mailed, now)
}

/// It is older than a backup that was put in place, so what follows from it most likely happened before
/// (T114). A restore in the future, by a clock that was ahead, counts for nothing.
pub fn is_before_restore(rules: &Rules, mailed: &Mailed<'_>, now: i64) -> bool {
    rules.restored_at.is_some_and(|at| at <= now + AHEAD_SECS && mailed.arrived_at < at)
}

/// Why a machine wrote it; `None` for a human. A list in front of the desk (`own_lists`) does not count.
pub fn automatic<'a>(rules: &Rules, mailed: &'a Mailed<'_>) -> Option<&'a str> {
    let auto = &mailed.mail.automatic;
    let own_list = auto.only_list
        && auto.list_id.as_ref().is_some_and(|l| rules.own_lists.iter().any(|o| o.eq_ignore_ascii_case(l)));
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
) -> Option<Silence> {
    unanswered_kind(rules, mailed, domain, now)
        .or_else(|| over_limit(rules, domain, counts).map(Silence::Limit))
}

/// What a mail is that gets no answer, whatever the limits say.
fn unanswered_kind(rules: &Rules, mailed: &Mailed<'_>, domain: DomainProof, now: i64) -> Option<Silence> {
    let auto = &mailed.mail.automatic;
    if mailed.history {
        return Some(Silence::History);
    }
    if is_late(rules, mailed, now) {
        return Some(Silence::Stale);
    }
    // T28: on a counter-proof no answer at all.
    match (domain, rules.confirm) {
        (DomainProof::Disproved, _) => return Some(Silence::Disproved),
        (_, Confirm::None) => return Some(Silence::Off),
        (DomainProof::Unknown, Confirm::Proven) => return Some(Silence::Unproven),
        (DomainProof::Unknown, Confirm::All)
        | (DomainProof::Dkim | DomainProof::Dmarc, Confirm::All | Confirm::Proven) => {}
    }
    // RFC 3834 §2: no answer to an automatic mail, to a list, to a null sender, or where the sender asks for
    // none.
    if automatic(rules, mailed).is_some() {
        return Some(Silence::Automatic);
    }
    if auto.suppress {
        return Some(Silence::Suppressed);
    }
    if null_sender(mailed) || auto.daemon || auto.no_reply || mailed.mail.report.is_some() {
        return Some(Silence::SenderNotAnswered);
    }
    None
}

/// T25, T26, T29: the limits that need no header.
fn over_limit(rules: &Rules, domain: DomainProof, counts: &Counts) -> Option<Limit> {
    if counts.tickets_sender_hour >= rules.tickets_per_sender_hour {
        Some(Limit::Tickets)
    } else if counts.letters_address_day >= rules.letters_per_address_day {
        Some(Limit::Address)
    } else if counts.letters_domain_hour >= rules.letters_per_domain_hour && !domain.proven() {
        Some(Limit::Domain)
    } else if counts.letters_desk_hour >= rules.letters_per_desk_hour {
        Some(Limit::Desk)
    } else {
        None
    }
}

/// May staff hear of this mail by a letter? Reports and null senders notify nobody (T24).
pub fn may_notify(mailed: &Mailed<'_>) -> bool {
    !(mailed.history || null_sender(mailed) || mailed.mail.report.is_some())
}
