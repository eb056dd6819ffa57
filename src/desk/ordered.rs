//! An order is carried out, whoever gave it: a mail of staff, an operator on the CLI, a button.

use super::command::{Assignee, Order};
use super::letter::{answer, notification};
use super::mailed;
use super::relay;
use super::target::Targets;
use super::work::{Work, message};
use super::{Change, Kind, NewMessage, Person, Status, TicketFacts, Via};
use crate::mail::OutFile;

/// Who orders. `person: None` is the operator, shown as the desk.
pub struct Actor<'a> {
    pub person: Option<&'a Person>,
    /// The message that the notice brought which is being answered (`#split`).
    pub seen: Option<i64>,
}

impl Actor<'_> {
    fn id(&self) -> Option<i64> {
        self.person.map(|p| p.id)
    }

    fn name(&self) -> String {
        self.person.map_or_else(|| "operator".to_owned(), |p| format!("person:{}", p.id))
    }
}

/// What is said along with orders.
pub struct Words<'a> {
    pub text: String,
    pub files: &'a [OutFile],
    pub note: bool,
    pub private: bool,
}

/// Carries out one order on the ticket in hand; refuses with a sentence.
pub fn apply(
    work: &mut Work<'_>,
    facts: &mut TicketFacts,
    actor: &Actor<'_>,
    order: &Order,
) -> Result<(), String> {
    let token = work.rules.token(facts.ticket.number);
    work.audit(
        &actor.name(),
        "order",
        token,
        format!("{order:?}").split(['(', ' ']).next().unwrap_or_default().to_owned(),
    );
    match order {
        Order::Note | Order::Private | Order::Send | Order::Answer(_) | Order::Help => {}
        Order::Status(status) => work.status(facts, *status),
        Order::Wait(until) => {
            if until.is_some_and(|t| t < work.now()) {
                return Err("that day is over".into());
            }
            work.status(facts, Status::Waiting);
            facts.ticket.wait_until = *until;
        }
        Order::Assign(assignee) => assign(work, facts, actor, assignee)?,
        Order::Priority(priority) => facts.ticket.priority = *priority,
        Order::Category(category) => facts.ticket.category = Some(category.clone()),
        Order::Tag(words) => tag(work, facts, words),
        Order::Merge(into) => merge(work, facts, *into)?,
        Order::Split => split(work, facts, actor.seen)?,
        Order::Cc(address) => {
            if work.rules.own.contains(address) || work.known.staff_by_address(address).is_some() {
                return Err(format!("{address} is the desk's own or staff; participants are customers"));
            }
            let person = work.person(address, "");
            join(work, facts, person);
        }
        Order::Spam => {
            if work.known.staff_by_id(facts.requester.id).is_some() {
                return Err("its requester is staff, whose mail is never kept away".into());
            }
            work.change(Change::Spam { person: facts.requester.id, on: true });
            work.status(facts, Status::Closed);
        }
        Order::Privacy => facts.ticket.privacy = true,
        Order::Due(at) => Targets::set_by_hand(&mut facts.ticket, *at),
        Order::Watch(on) => {
            let person = actor.person.ok_or("the operator is no staff member, who alone watch a ticket")?;
            watch(work, facts, person.id, *on);
        }
        Order::Undo => return Err("it stands alone: no other command, word or file in its mail".into()),
        Order::For(_) => {
            return Err("it opens a ticket, and this mail belongs to one; send it as a new mail".into());
        }
    }
    Ok(())
}

fn assign(
    work: &mut Work<'_>,
    facts: &mut TicketFacts,
    actor: &Actor<'_>,
    assignee: &Assignee,
) -> Result<(), String> {
    let person = match assignee {
        Assignee::Nobody => None,
        Assignee::Me => {
            Some(actor.person.cloned().ok_or("the operator is no staff member; name an address")?)
        }
        Assignee::Somebody(address) => {
            let staff = work.known.staff_by_address(address);
            Some(
                staff
                    .map(|s| s.person.clone())
                    .ok_or_else(|| format!("{address} is not staff; see maildesk staff list"))?,
            )
        }
    };
    let new =
        person.as_ref().filter(|p| facts.ticket.assignee != Some(p.id) && actor.id() != Some(p.id)).cloned();
    facts.ticket.assignee = person.map(|p| p.id);
    if let Some(person) = new {
        tell_assignee(work, facts, actor.person, &person);
    }
    Ok(())
}

/// A new assignee hears of it, unless it is his own doing.
pub fn tell_assignee(work: &mut Work<'_>, facts: &mut TicketFacts, by: Option<&Person>, person: &Person) {
    if by.is_none_or(|b| b.id != person.id) {
        let by = by.map_or("the operator", |p| p.name.as_str());
        let news = notification::News {
            headline: format!(
                "{} is now yours, by {by}: {}",
                work.rules.token(facts.ticket.number),
                facts.ticket.subject
            ),
            words: "",
            lines: notification::card(work, facts, &[]),
            files: Vec::new(),
            left_out: Vec::new(),
            message: facts.messages.last().map_or(0, |m| m.id),
        };
        notification::send(work, facts, person, &news);
    }
}

pub fn tag(work: &mut Work<'_>, facts: &mut TicketFacts, words: &[(String, bool)]) {
    for (word, on) in words {
        facts.tags.retain(|t| t != word);
        if *on {
            facts.tags.push(word.clone());
        }
        work.change(Change::Tag { ticket: facts.ticket.number, word: word.clone(), on: *on });
    }
}

/// Who watches hears of everything on the ticket.
pub fn watch(work: &mut Work<'_>, facts: &mut TicketFacts, person: i64, on: bool) {
    facts.watchers.retain(|w| *w != person);
    if on {
        facts.watchers.push(person);
    }
    work.change(Change::Watch { ticket: facts.ticket.number, person, on });
}

/// A new participant sees and gets what comes from now on (T06).
pub(super) fn join(work: &mut Work<'_>, facts: &mut TicketFacts, person: Person) {
    if person.id == facts.requester.id || facts.participants.iter().any(|p| p.id == person.id) {
        return;
    }
    let since = facts.messages.last().map_or(0, |m| m.id);
    work.change(Change::Participant { ticket: facts.ticket.number, person: person.id, since });
    facts.participants.push(person);
}

/// This ticket into that one: messages go there, the requester joins, each side keeps its own part.
fn merge(work: &mut Work<'_>, facts: &mut TicketFacts, into: i64) -> Result<(), String> {
    let from = facts.ticket.number;
    let target = work.known.live(into).ok_or_else(|| format!("there is no ticket {into}"))?;
    if target.ticket.number == from {
        return Err("a ticket cannot go into itself".into());
    }
    let mut target = target.clone();
    self::into(work, facts, &mut target);
    work.save(&mut target);
    work.status(facts, Status::Closed);
    facts.ticket.merged_into = Some(target.ticket.number);
    Ok(())
}

/// The people of one ticket join another one, and so do those who watch it. The messages follow in
/// [`finish`].
pub fn into(work: &mut Work<'_>, facts: &TicketFacts, target: &mut TicketFacts) {
    for person in std::iter::once(&facts.requester).chain(&facts.participants) {
        join(work, target, person.clone());
    }
    for person in &facts.watchers {
        if !target.watchers.contains(person) {
            watch(work, target, *person, true);
        }
    }
    if matches!(target.ticket.status, Status::Closed) {
        work.status(target, Status::Open);
    }
}

/// The message that the notice brought becomes a ticket of its author.
pub fn split(work: &mut Work<'_>, facts: &mut TicketFacts, message: Option<i64>) -> Result<(), String> {
    let id = message.ok_or("this mail does not answer a notice that brought a message")?;
    let at = facts.messages.iter().position(|m| m.id == id).ok_or("that message is not in this ticket")?;
    if facts.messages[at].kind != Kind::Customer {
        return Err("only a customer's message becomes a ticket".into());
    }
    if facts.messages.iter().filter(|m| m.kind == Kind::Customer).count() < 2 {
        return Err("it is the only customer message of this ticket".into());
    }
    // T06: the ticket becomes its writer's. One who left it has none, and nobody else gets his words.
    let mut everybody = std::iter::once(&facts.requester).chain(&facts.participants);
    let author = everybody.find(|p| Some(p.id) == facts.messages[at].author).cloned();
    let author = author.ok_or("its writer takes no part in this ticket any more")?;
    facts.messages.remove(at);
    let subject = facts.ticket.subject.clone();
    let mailbox = facts.ticket.mailbox.clone();
    let mut new = work.open(&subject, author, mailbox.as_deref());
    new.ticket.status = Status::Open;
    work.change(Change::MoveMessage { message: id, to: new.ticket.number, origin: None });
    work.save(&mut new);
    Ok(())
}

/// Who gets an answer: the requester, and unless it is private every participant.
pub fn receivers(facts: &TicketFacts, private: bool) -> Vec<Person> {
    let participants = facts.participants.iter().filter(|_| !private);
    std::iter::once(&facts.requester).chain(participants).cloned().collect()
}

/// Words become a note, or an answer that goes to requester and participants. `orders` were applied before.
pub fn speak(
    work: &mut Work<'_>,
    facts: &mut TicketFacts,
    actor: &Actor<'_>,
    mut new: NewMessage,
    words: &Words<'_>,
    orders: &[Order],
) {
    new.private = words.private;
    let answered = facts.messages.iter().any(|m| m.kind == Kind::Staff && m.author.is_some());
    let id = work.say(facts, new);
    let by = actor.person.map_or_else(|| work.rules.name.clone(), |p| p.name.clone());
    if words.note {
        let news = notification::News {
            headline: format!("{by} left a note in {}:", work.rules.token(facts.ticket.number)),
            words: &words.text,
            lines: vec!["The customer does not see this.".into()],
            files: words.files.to_vec(),
            left_out: Vec::new(),
            message: id,
        };
        return mailed::tell(work, facts, &news, actor.id());
    }
    let text = relay::without_staff_addresses(work, &words.text);
    for person in receivers(facts, words.private) {
        answer::send(work, facts, &person, actor.person, &text, words.files);
    }
    // The first answer takes the ticket over, unless the same mail says whose it is.
    let assigned = facts.ticket.assignee.is_some() || orders.iter().any(|o| matches!(o, Order::Assign(_)));
    if !answered && !assigned {
        facts.ticket.assignee = actor.id();
    }
    let news = notification::News {
        headline: format!("{by} answered {}:", work.rules.token(facts.ticket.number)),
        words: &words.text,
        lines: vec!["You watch this ticket; #unwatch ends that.".into()],
        files: words.files.to_vec(),
        left_out: Vec::new(),
        message: id,
    };
    mailed::tell_watchers(work, facts, &news, actor.id());
    // INTERFACE, how status moves: an answer that leaves makes `waiting`, unless the same mail says
    // otherwise.
    let said_otherwise =
        orders.iter().any(|o| matches!(o, Order::Status(_) | Order::Wait(_) | Order::Merge(_)));
    if !said_otherwise {
        work.status(facts, Status::Waiting);
    }
}

/// Writes the ticket as it is after all orders. What was said along with `#merge` goes with the rest.
pub fn finish(work: &mut Work<'_>, mut facts: TicketFacts) {
    if let Some(into) = facts.ticket.merged_into {
        work.change(Change::Merge { from: facts.ticket.number, into });
    }
    work.save(&mut facts);
}

/// An operator or a person on the web says something: the message of a form or of the CLI.
pub fn spoken(kind: Kind, via: Via, author: Option<&Person>, desk: &str, text: &str) -> NewMessage {
    let name = author.map_or_else(|| desk.to_owned(), |p| p.name.clone());
    NewMessage { author_name: name, ..message(kind, via, author, text.trim()) }
}
