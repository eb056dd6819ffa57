//! Questions of staff by mail, asked by the subject alone (INTERFACE, Mail; T108). The answer goes to the
//! stored address.
//!
//! Domain proof is enough, also under `staff_proof = "both"`: there is no ticket yet whose reply address
//! could be used, and whoever else might have written it would get nothing.

use super::help::{self, HELP};
use crate::desk::builder::decision::Builder;
use crate::desk::inbound::answerable;
use crate::desk::inbound::gather::Asked;
use crate::desk::letter::{result, said};
use crate::desk::model::{
    Cause, Decision, Mailed, Named, Outcome, Person, Priority, Query, QuestionFault, Reason, Snapshot, Staff,
    Stamp, Ticket,
};
use crate::desk::rules::Rules;
use crate::desk::text::{dates, layout};
use crate::desk::{hold, notify, right};

/// Tickets that one answer lists.
pub const LISTED_MAX: usize = 100;

/// Characters of a subject in a list.
const SUBJECT_CHARS_MAX: usize = 60;

/// Characters of all messages of an answer together.
pub const CONVERSATION_CHARS_MAX: usize = 60_000;

/// A search that ended before it found anything: there may be something.
const GAVE_UP: &str = "the search took too long and was given up before it found any. Words that stand in \
                       fewer mails, or more letters before a *, make it shorter.";

/// What the store must answer, so that this mail can be decided: nothing for a mail that cannot be proven.
pub fn question_for_store(mailed: &Mailed<'_>, asked: &Asked) -> Option<Query> {
    let d = &mailed.facts.domain;
    let may_count =
        !d.signed.is_empty() || matches!(d.stamp, Stamp::Pass(_)) || mailed.facts.released.is_some();
    asked.question.clone().filter(|_| may_count)?.ok()
}

/// The words that must be searched for before this mail is decided; `None`: it asks for none, or gets no
/// answer. `known`: what is known without the search. A search may be dear, and no mail that is not proven
/// makes the desk begin one.
pub fn search_for(rules: &Rules, known: &Snapshot, mailed: &Mailed<'_>, asked: &Asked) -> Option<String> {
    let released = mailed.facts.released.is_some();
    let staff = mailed.mail.from.address().and_then(|a| known.staff_by_address(a));
    let over = known.counts.results_staff_hour >= rules.answers_per_staff_hour;
    match question_of(known, mailed, asked) {
        Some(Ok(Query::Search(words)))
            if staff.is_some() && (released || (known.weighed.named.domain.proven() && !over)) =>
        {
            Some(words)
        }
        _ => None,
    }
}

/// The question of a mail. One that answers a letter or goes to a reply address belongs to its ticket,
/// whatever its subject.
pub fn question_of(
    known: &Snapshot,
    mailed: &Mailed<'_>,
    asked: &Asked,
) -> Option<Result<Query, QuestionFault>> {
    let anew = mailed.seals.tags.is_empty() && known.ids.iter().all(|h| h.ticket.is_none());
    asked.question.clone().filter(|_| anew)
}

/// Answers a human who writes in the name of staff; without proof the mail is held and no letter leaves
/// (T108).
pub fn answer_question(
    mut builder: Builder<'_>,
    mailed: &Mailed<'_>,
    named: &Named,
    staff: &Staff,
    asked: Result<Query, QuestionFault>,
) -> Decision {
    let released = mailed.facts.released.is_some();
    if !named.domain.proven() && !released {
        return hold::keep_without_acting(
            builder,
            Cause::Other,
            None,
            Some(staff.person.id),
            Reason::QuestionUnproven,
        );
    }
    let auto = &mailed.mail.automatic;
    if answerable::automatic(builder.rules, mailed).is_some()
        || answerable::null_sender(mailed)
        || auto.daemon
        || auto.no_reply
    {
        return hold::keep_without_acting(
            builder,
            Cause::Other,
            None,
            Some(staff.person.id),
            Reason::QuestionOfMachine,
        );
    }
    let limit = builder.rules.answers_per_staff_hour;
    if builder.known.counts.results_staff_hour >= limit && !released {
        let why = Reason::QuestionOverLimit(limit);
        return hold::keep_and_notify(builder, Some(staff), named, Cause::Unproven, why);
    }
    let number = match &asked {
        Ok(Query::Show(number)) => builder.known.live(*number).map(|f| f.ticket.number),
        _ => None,
    };
    let mut facts = number.map(|n| builder.known.tickets[&n].clone());
    let (about, text) = match &asked {
        Ok(query) => answer_words(&builder, query, staff, facts.is_some()),
        Err(why) => ("not understood".to_owned(), format!("{why}\n\n{HELP}")),
    };
    let answers = mailed.mail.message_id.as_ref();
    match &mut facts {
        Some(facts) => result::queue_conversation(&mut builder, facts, &staff.person, &about, &text, answers),
        None => result::queue(&mut builder, None, &staff.person, &about, &text, answers),
    }
    let reason = asked.map_or(Reason::QuestionNotUnderstood, Reason::Question);
    builder.finish(Outcome::Query, reason, None)
}

/// What stands in the subject of the answer, and its words.
fn answer_words(builder: &Builder<'_>, query: &Query, staff: &Staff, found: bool) -> (String, String) {
    let tickets = &builder.known.found.tickets;
    match query {
        Query::List => {
            let mut mine: Vec<_> =
                tickets.iter().filter(|(t, _)| concerns_asker(builder, t, staff)).collect();
            mine.sort_by_key(|(t, _)| (std::cmp::Reverse(urgency(t.priority)), t.updated_at, t.number));
            (
                "list".into(),
                ticket_list(builder, "New and open tickets that concern you, the most urgent first", &mine),
            )
        }
        Query::Mine => {
            let mine: Vec<_> = tickets.iter().collect();
            (
                "mine".into(),
                ticket_list(
                    builder,
                    "Tickets assigned to you and not closed, the latest change first",
                    &mine,
                ),
            )
        }
        Query::Search(words) => {
            let all: Vec<_> = tickets.iter().filter(|(t, _)| right::staff_sees(t)).collect();
            let about: String = format!("search {words}").chars().take(100).collect();
            let head = format!("Tickets with \"{words}\", the newest first");
            let gave_up = all.is_empty() && builder.known.found.more;
            let list = if gave_up { format!("{head}: {GAVE_UP}") } else { ticket_list(builder, &head, &all) };
            (about, list)
        }
        Query::Show(number) if found => (format!("show {number}"), conversation(builder, *number)),
        Query::Show(number) => (
            format!("show {number}"),
            format!("There is no ticket {number}. The subject list asks for the tickets that concern you."),
        ),
        Query::Help => ("help".into(), help::page()),
    }
}

fn urgency(priority: Priority) -> u8 {
    match priority {
        Priority::Low => 0,
        Priority::Normal => 1,
        Priority::High => 2,
        Priority::Urgent => 3,
    }
}

/// Would mail about this ticket go to them?
fn concerns_asker(builder: &Builder<'_>, ticket: &Ticket, staff: &Staff) -> bool {
    notify::concerned_by_row(builder, ticket).iter().any(|s| s.person.id == staff.person.id)
}

/// One paragraph a ticket, of short lines.
fn ticket_list(builder: &Builder<'_>, head: &str, tickets: &[&(Ticket, Person)]) -> String {
    if tickets.is_empty() {
        return format!("{head}: none.");
    }
    let mut out = format!("{head}: {}\n", tickets.len());
    for (t, requester) in tickets.iter().take(LISTED_MAX) {
        let subject = layout::shortened(&t.subject, SUBJECT_CHARS_MAX);
        let assignee = t
            .assignee
            .and_then(|id| builder.known.staff_by_id(id))
            .map_or("nobody", |s| s.person.name.as_str());
        out.push_str(&format!(
            "\n{} {}\n{}, {}, {assignee}\n{}\n{}\n",
            builder.rules.token(t.number),
            if subject.is_empty() { "(no subject)" } else { &subject },
            t.status.as_str(),
            t.priority.as_str(),
            builder.shown_to_staff(requester),
            dates::short_time(builder.rules, t.updated_at),
        ));
    }
    let left = tickets.len().saturating_sub(LISTED_MAX);
    match (left, builder.known.found.more) {
        (0, false) => {}
        (0, true) => out.push_str("\nand more, cut here; search WORDS finds them\n"),
        (n, more) => out.push_str(&format!(
            "\nand {n}{} more, cut here; search WORDS finds them\n",
            if more { " or" } else { "" }
        )),
    }
    out.push_str("\nThe subject show NUMBER asks for a ticket with all that was said.\n");
    out
}

/// A ticket and what was said in it, the oldest first; what is too much is cut, and that is said.
fn conversation(builder: &Builder<'_>, number: i64) -> String {
    let facts = builder.known.live(number).expect("the caller found it");
    let (rules, t) = (builder.rules, &facts.ticket);
    let mut out = format!("{} {}\n", rules.token(t.number), t.subject);
    out.push_str(&format!("Status: {}, priority {}", t.status.as_str(), t.priority.as_str()));
    out.push_str(&t.category.as_ref().map(|c| format!(", {c}")).unwrap_or_default());
    let assignee =
        t.assignee.and_then(|id| builder.known.staff_by_id(id)).map_or("nobody", |s| s.person.name.as_str());
    out.push_str(&format!("\nAssigned to: {assignee}\nFrom: {}\n", builder.shown_to_staff(&facts.requester)));
    for p in &facts.participants {
        out.push_str(&format!("Participant: {}\n", builder.shown_to_staff(p)));
    }
    if !facts.tags.is_empty() {
        out.push_str(&format!("Tags: {}\n", facts.tags.join(", ")));
    }
    let names = builder.reserved_names();
    let (mut blocks, mut room) = (Vec::new(), CONVERSATION_CHARS_MAX);
    for said in builder.known.found.said.iter().rev() {
        let block = said::show_message(said, rules, &names);
        let chars = block.chars().count();
        if chars > room && !blocks.is_empty() {
            break;
        }
        room = room.saturating_sub(chars);
        blocks.push(block);
    }
    let left = facts.messages.len().saturating_sub(blocks.len());
    if left > 0 {
        out.push_str(&format!(
            "\n({left} older messages are cut; maildesk ticket show {} has them)\n",
            t.number
        ));
    }
    blocks.reverse();
    format!(
        "{out}\n{}\nAnswer this mail to answer the customer; commands stand on the first line.\n",
        blocks.join("\n")
    )
}

#[cfg(test)]
mod tests;
