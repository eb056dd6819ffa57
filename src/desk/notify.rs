//! Who hears of what happens on a ticket, and by which letter.

use super::builder::builder::Work;
use super::letter::notification;
use super::model::{Change, Snapshot, Staff, Ticket, TicketFacts};
use super::rules::Rules;

/// A summary of held-back notices leaves after so many seconds (T18, T29).
const SUMMARY_SECS: i64 = 120;

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
pub fn concerned(work: &Work<'_>, facts: &TicketFacts, writer: Option<i64>) -> Vec<Staff> {
    let mut seen: std::collections::BTreeSet<i64> = writer.into_iter().collect();
    let all = concerned_by(work, &facts.ticket).into_iter().chain(work.known.watching(facts));
    all.filter(|s| seen.insert(s.person.id)).collect()
}

/// As [`concerned`], by the ticket's row alone.
pub fn concerned_by(work: &Work<'_>, t: &Ticket) -> Vec<Staff> {
    staff_for(work.rules, work.known, t.assignee, t.mailbox.as_deref(), t.category.as_deref())
}

/// Those whom a ticket concerns and whom no letter a day tells of it. What is his own, or watched, is told at
/// once.
pub fn singly(work: &Work<'_>, facts: &TicketFacts, writer: Option<i64>) -> Vec<Staff> {
    let his = |id: i64| facts.ticket.assignee == Some(id) || facts.watchers.contains(&id);
    let waits = |s: &Staff| work.known.digest.contains(&s.person.id) && !his(s.person.id);
    concerned(work, facts, writer).into_iter().filter(|s| !waits(s)).collect()
}

/// One notice each to the staff whom it concerns, but for the writer.
pub fn tell(
    work: &mut Work<'_>,
    facts: &mut TicketFacts,
    news: &notification::News<'_>,
    writer: Option<i64>,
) {
    let whom = singly(work, facts, writer);
    tell_staff(work, facts, news, &whom);
}

/// The same to those who watch the ticket, about what concerns nobody else.
pub fn tell_watchers(
    work: &mut Work<'_>,
    facts: &mut TicketFacts,
    news: &notification::News<'_>,
    writer: Option<i64>,
) {
    let mut whom = work.known.watching(facts);
    whom.retain(|s| Some(s.person.id) != writer);
    tell_staff(work, facts, news, &whom);
}

fn tell_staff(work: &mut Work<'_>, facts: &mut TicketFacts, news: &notification::News<'_>, whom: &[Staff]) {
    for staff in whom {
        notification::send(work, facts, &staff.person, news);
    }
}

/// Notices that come in a later summary, one a person: why nobody hears of it now (T18, T29).
pub fn pend(work: &mut Work<'_>, facts: &TicketFacts, why: &str) {
    let due_at = work.now() + SUMMARY_SECS;
    for staff in singly(work, facts, None) {
        let why = format!("{}: {why}", facts.ticket.subject);
        work.change(Change::Pending {
            person: staff.person.id,
            ticket: Some(facts.ticket.number),
            why,
            due_at,
        });
    }
}
