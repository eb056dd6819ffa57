//! Who hears of what happens on a ticket, and by which letter.

use super::builder::decision::Builder;
use super::letter::notification;
use super::model::{Change, Mailed, Snapshot, Staff, Ticket, TicketFacts};
use super::rules::Rules;
use super::text::layout::shortened;

/// A summary of held-back notices leaves after so many seconds (T18, T29).
const SUMMARY_SECS: i64 = 120;
/// Characters of a subject that a line of such a letter shows.
const SUBJECT_CHARS_MAX: usize = 100;

/// Whom a ticket with these facts concerns. A route whose staff are all gone is no route, so that nothing is
/// lost.
pub fn staff_for(
    rules: &Rules,
    known: &Snapshot,
    assignee: Option<i64>,
    mailbox: Option<&str>,
    category: Option<&str>,
) -> Vec<Staff> {
    if let Some(one) = assignee.and_then(|id| known.staff_by_id(id)) {
        return vec![one.clone()];
    }
    let fits = |wanted: &Option<String>, got: Option<&str>| wanted.is_none() || wanted.as_deref() == got;
    let route = rules.routes.iter().find(|(m, c, _)| fits(m, mailbox) && fits(c, category));
    let mut chosen: Vec<Staff> = Vec::new();
    for staff in route.iter().flat_map(|r| &r.2).filter_map(|a| known.staff_by_address(a)) {
        if !chosen.iter().any(|s| s.person.id == staff.person.id) {
            chosen.push(staff.clone());
        }
    }
    if chosen.is_empty() { known.staff.clone() } else { chosen }
}

/// Staff whom mail about this ticket concerns: the assignee, else the route, else all; and who watches
/// it; never the writer.
pub fn concerned(builder: &Builder<'_>, facts: &TicketFacts, writer: Option<i64>) -> Vec<Staff> {
    let mut seen: std::collections::BTreeSet<i64> = writer.into_iter().collect();
    let all = concerned_by_row(builder, &facts.ticket).into_iter().chain(builder.known.watching(facts));
    all.filter(|s| seen.insert(s.person.id)).collect()
}

/// As [`concerned`], by the ticket's row alone.
pub fn concerned_by_row(builder: &Builder<'_>, t: &Ticket) -> Vec<Staff> {
    staff_for(builder.rules, builder.known, t.assignee, t.mailbox.as_deref(), t.category.as_deref())
}

/// Those whom a ticket concerns and whom no letter a day tells of it. What is their own, or watched, is told
/// at once.
pub fn concerned_at_once(builder: &Builder<'_>, facts: &TicketFacts, writer: Option<i64>) -> Vec<Staff> {
    let his = |id: i64| facts.ticket.assignee == Some(id) || facts.watchers.contains(&id);
    let waits = |s: &Staff| builder.known.digest.contains(&s.person.id) && !his(s.person.id);
    concerned(builder, facts, writer).into_iter().filter(|s| !waits(s)).collect()
}

/// One notice each to the staff whom it concerns, but for the writer.
pub fn notify_concerned(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    notice: &notification::Notice<'_>,
    writer: Option<i64>,
) {
    let whom = concerned_at_once(builder, facts, writer);
    notify_each(builder, facts, notice, &whom);
}

/// The same to those who watch the ticket, about what concerns nobody else.
pub fn notify_watchers(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    notice: &notification::Notice<'_>,
    writer: Option<i64>,
) {
    let mut whom = builder.known.watching(facts);
    whom.retain(|s| Some(s.person.id) != writer);
    notify_each(builder, facts, notice, &whom);
}

fn notify_each(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    notice: &notification::Notice<'_>,
    whom: &[Staff],
) {
    for staff in whom {
        notification::queue(builder, facts, &staff.person, notice);
    }
}

/// Notices that come in a later summary, one a person: why nobody hears of it now (T18, T29).
pub fn notify_later(builder: &mut Builder<'_>, facts: &TicketFacts, why: &str) {
    let due_at = builder.now() + SUMMARY_SECS;
    for staff in concerned_at_once(builder, facts, None) {
        let why = format!("{}: {why}", facts.ticket.subject);
        builder.change(Change::Pending {
            person: staff.person.id,
            ticket: Some(facts.ticket.number),
            why,
            due_at,
        });
    }
}

/// A mail that nobody answers for is held: whom its ticket would concern hears of it at once, in a letter
/// that comes once in a while (T120).
pub fn tell_of_held(builder: &mut Builder<'_>, mailed: &Mailed<'_>) {
    let subject = shortened(&mailed.mail.subject, SUBJECT_CHARS_MAX);
    let why = format!(
        "A mail that was sent as the desk itself is held, since it does not say who wrote it: \"{subject}\". \
         maildesk held list shows it."
    );
    let due_at = builder.now();
    for staff in staff_for(builder.rules, builder.known, None, mailed.mailbox, None) {
        builder.change(Change::Pending { person: staff.person.id, ticket: None, why: why.clone(), due_at });
    }
}
