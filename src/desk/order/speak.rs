//! Words become a note, or an answer to the customers.

use super::actor::Actor;
use super::command::Order;
use crate::desk::builder::decision::Builder;
use crate::desk::letter::answer;
use crate::desk::letter::notification::{self, Headline};
use crate::desk::model::message::new_message;
use crate::desk::model::{Kind, LetterFile, NewMessage, Person, Status, TicketFacts, Via};
use crate::desk::notify;

/// What is said along with orders.
pub struct Words<'a> {
    /// What is said.
    pub text: String,
    /// What comes along.
    pub files: &'a [LetterFile],
    /// It is a note for staff.
    pub note: bool,
    /// It goes to the requester alone.
    pub private: bool,
}

/// Who gets an answer: the requester, and unless it is private every participant.
pub fn answer_readers(facts: &TicketFacts, private: bool) -> Vec<Person> {
    let participants = facts.participants.iter().filter(|_| !private);
    std::iter::once(&facts.requester).chain(participants).cloned().collect()
}

/// Words become a note, or an answer that goes to requester and participants. `orders` were applied before.
pub fn speak(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    actor: &Actor<'_>,
    mut new: NewMessage,
    words: &Words<'_>,
    orders: &[Order],
) {
    new.private = words.private;
    let answered = facts.messages.iter().any(|m| m.kind == Kind::Staff && m.author.is_some());
    let id = builder.add_message(facts, new);
    let by = actor.person.map_or_else(|| builder.rules.name.clone(), |p| p.name.clone());
    let token = builder.rules.token(facts.ticket.number);
    if words.note {
        let notice = notification::Notice {
            headline: Headline::Announces(format!("{by} left a note in {token}")),
            words: &words.text,
            lines: vec!["The customer does not see this.".into()],
            files: words.files.to_vec(),
            left_out: Vec::new(),
            message: id,
        };
        return notify::notify_concerned(builder, facts, &notice, actor.id());
    }
    let text = builder.without_staff_addresses(&words.text);
    for person in answer_readers(facts, words.private) {
        answer::queue(builder, facts, &person, actor.person, &text, words.files);
    }
    // The first answer takes the ticket over, unless the same mail says whose it is.
    let assigned = facts.ticket.assignee.is_some() || orders.iter().any(|o| matches!(o, Order::Assign(_)));
    if !answered && !assigned {
        facts.ticket.assignee = actor.id();
    }
    let notice = notification::Notice {
        headline: Headline::Announces(format!("{by} answered {token}")),
        words: &words.text,
        lines: vec!["You watch this ticket; #unwatch ends that.".into()],
        files: words.files.to_vec(),
        left_out: Vec::new(),
        message: id,
    };
    notify::notify_watchers(builder, facts, &notice, actor.id());
    // INTERFACE, how status moves: an answer that leaves makes `waiting`, unless the same mail says
    // otherwise.
    let said_otherwise =
        orders.iter().any(|o| matches!(o, Order::Status(_) | Order::Wait(_) | Order::Merge(_)));
    if !said_otherwise {
        builder.set_status(facts, Status::Waiting);
    }
}

/// An operator or a person on the web says something: the message of a form or of the CLI.
pub fn message_of_form(kind: Kind, via: Via, author: Option<&Person>, desk: &str, text: &str) -> NewMessage {
    let name = author.map_or_else(|| desk.to_owned(), |p| p.name.clone());
    NewMessage { author_name: name, ..new_message(kind, via, author, text.trim()) }
}
