//! A first mail of staff with domain proof opens a ticket (decision table): with `#for ADDRESS` for that
//! person, who gets the words as an answer, else for the staff member.
//!
//! A mail that is forwarded below `#for` is no word of the writer's: it is kept in the ticket, as a message
//! of its sender where it is opened for them, else as a note, and goes to nobody. With no words above it no
//! answer leaves.

use super::{commands, help, quoted};
use crate::desk::builder::decision::Builder;
use crate::desk::letter::files::{self, Readers};
use crate::desk::letter::{encrypted, notification, result};
use crate::desk::model::message::{message_of_mail, new_message};
use crate::desk::model::{
    Cause, Decision, Kind, LetterFile, MailFault, Mailed, Named, NewMessage, Outcome, Person, Query, Reason,
    Staff, TicketFacts, Via,
};
use crate::desk::order::actor::Actor;
use crate::desk::order::command::{self, Order};
use crate::desk::order::{apply, speak};
use crate::desk::text::faults::FILES_ADVICE;
use crate::desk::{hold, notify};
use crate::mail::{AddrSpec, quote};

/// A mail of staff that belongs to no ticket.
pub fn decide_first(
    mut builder: Builder<'_>,
    mailed: &Mailed<'_>,
    block: &command::Block,
    named: &Named,
    staff: &Staff,
) -> Decision {
    if !named.domain.proven() && mailed.facts.released.is_none() {
        let why = Reason::FirstUnproven;
        return hold::keep_and_notify(builder, Some(staff), named, Cause::Unproven, why);
    }
    let lines: Vec<String> = block.commands.iter().map(|c| c.line.clone()).collect();
    if block.commands.len() == 1 && block.commands[0].order == Ok(Order::Help) && block.words.is_empty() {
        result::queue(
            &mut builder,
            None,
            &staff.person,
            "help",
            &help::page(),
            mailed.mail.message_id.as_ref(),
        );
        return Decision {
            orders: lines,
            ..builder.finish(Outcome::Query, Reason::Question(Query::Help), None)
        };
    }
    let opened = match encrypted::refusal(mailed.mail)
        .or_else(|| mailed.mail.reaction.then_some(MailFault::Reaction))
        .or_else(|| commands::versions_differ(mailed, block, builder.rules))
    {
        Some(why) => Err(why),
        None => open_for(&mut builder, mailed, named, staff, block),
    };
    match opened {
        Ok(number) => {
            let mut decision = builder.finish(Outcome::Ticket, Reason::OpenedByStaff, Some(number));
            decision.orders = lines;
            decision
        }
        Err(why) => {
            // Nothing of this mail acts: what was tried is forgotten, the letter alone is left.
            let mut builder = Builder::new(builder.rules, builder.known, builder.moment);
            let text = result::refusal_text(&why, encrypted::quotable(mailed.mail));
            let about = lines.first().map_or("your mail was not sent", String::as_str);
            result::queue(&mut builder, None, &staff.person, about, &text, mailed.mail.message_id.as_ref());
            let mut decision = builder.finish(Outcome::Refused, Reason::Refused(why), None);
            decision.orders = lines;
            decision
        }
    }
}

/// The number of the new ticket, or why there is none.
fn open_for(
    builder: &mut Builder<'_>,
    mailed: &Mailed<'_>,
    named: &Named,
    staff: &Staff,
    block: &command::Block,
) -> Result<i64, MailFault> {
    let mut orders = Vec::new();
    for c in &block.commands {
        let order = c.order.clone();
        orders.push(order.map_err(|fault| MailFault::Command { line: Some(c.line.clone()), fault })?);
    }
    if orders.contains(&Order::Spam) {
        return Err(MailFault::SpamWithoutTicket);
    }
    let answers = orders.iter().any(|o| matches!(o, Order::For(_))) && !orders.contains(&Order::Note);
    let readers = if answers { Readers::Customers } else { Readers::Staff };
    let bytes_max = builder.rules.files_bytes_max;
    let files = files::shown_files(builder.known, mailed, &block.words, (readers, bytes_max));
    if block.text().is_empty() && files.is_empty() {
        let inside = files::left_out(mailed, &block.words);
        return Err(if inside.is_empty() { MailFault::NothingSaid } else { MailFault::OnlyInside(inside) });
    }
    let whole = &mailed.mail.words;
    let above = quote::split_forward(&mailed.mail.subject, &whole.text).map_or(&*whole.text, |(own, _)| own);
    if let Some(why) = commands::below_the_words(whole, above, builder.rules) {
        return Err(why);
    }
    let whom = orders.iter().find_map(|o| match o {
        Order::For(address) => Some(address.clone()),
        _ => None,
    });
    let requester = match &whom {
        Some(address) => requester_at(builder, address)?,
        None => staff.person.clone(),
    };
    let mut facts = builder.open_ticket(&mailed.mail.subject, requester, mailed.mailbox);
    let actor = Actor { person: Some(&staff.person), seen: None };
    for (order, c) in orders.iter().zip(&block.commands).filter(|(o, _)| !matches!(o, Order::For(_))) {
        apply::apply(builder, &mut facts, &actor, order)
            .map_err(|fault| MailFault::Order { line: c.line.clone(), fault })?;
    }
    let kind = if whom.is_some() { Kind::Staff } else { Kind::Customer };
    let mut new = message_of_mail(mailed, kind, &staff.person, named.verified);
    if whom.is_some() || !orders.is_empty() {
        let whole = &mailed.mail.words;
        new.text = block.text();
        (new.quoted, new.signature) = (whole.quoted.clone(), whole.signature.clone());
    }
    if whom.is_some() {
        let first = First { mailed, actor: &actor, files: &files, orders: &orders };
        answer_requester(builder, &mut facts, &first, new)?;
        let answers = mailed.mail.message_id.as_ref();
        result::tell_that_letters_wait(builder, &mut facts, &staff.person, answers);
    } else {
        open_own(builder, mailed, &mut facts, staff, new);
    }
    let number = facts.ticket.number;
    apply::write_after_orders(builder, facts);
    Ok(number)
}

/// A first mail as it is read.
struct First<'a> {
    mailed: &'a Mailed<'a>,
    actor: &'a Actor<'a>,
    files: &'a [LetterFile],
    orders: &'a [Order],
}

/// The words go to the person for whom the ticket is; what is forwarded below them stays inside.
fn answer_requester(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    first: &First<'_>,
    mut new: NewMessage,
) -> Result<(), MailFault> {
    let First { mailed, actor, files, orders } = *first;
    let whole = std::mem::take(&mut new.text);
    let split = quote::split_forward(&mailed.mail.subject, &whole).filter(|_| !orders.contains(&Order::Note));
    let (text, theirs) = match split {
        None => (whole.as_str(), true),
        Some((above, forwarded)) => {
            let theirs = sender_of(forwarded) == Some(facts.requester.address.clone());
            let kept = match theirs {
                // Not shown on the page: the fields above it may hold addresses of staff.
                true => NewMessage {
                    shown: false,
                    ..new_message(Kind::Customer, Via::Email, Some(&facts.requester), forwarded)
                },
                false => new_message(Kind::Note, Via::Email, actor.person, forwarded),
            };
            let with_files = above.is_empty() || !theirs;
            new.from_mail = !with_files;
            let id = builder.add_message(facts, NewMessage { from_mail: with_files, ..kept });
            if above.is_empty() {
                notify_handed_over(builder, facts, first, id, forwarded);
                return Ok(());
            }
            (above, theirs)
        }
    };
    let quotes = mailed.facts.released.as_ref().is_none_or(|r| !r.quotes) && !orders.contains(&Order::Note);
    let readers = std::slice::from_ref(&facts.requester);
    if let Some(why) =
        quoted::why_not_theirs(builder.known, facts, readers, text, &mailed.mail.words.signature)
            .filter(|_| quotes)
    {
        return Err(MailFault::Foreign(why));
    }
    let words = speak::Words {
        text: text.to_owned(),
        files: if theirs { files } else { &[] },
        note: orders.contains(&Order::Note),
        private: orders.contains(&Order::Private),
    };
    new.text = text.to_owned();
    speak::speak(builder, facts, actor, new, &words, orders);
    let left_out = files::left_out(mailed, &words.text);
    if let Some(writer) = actor.person.filter(|_| !left_out.is_empty() && !words.note) {
        let text = format!("Your answer was sent without {left_out}. {FILES_ADVICE}.");
        let about = "sent without a file";
        result::queue(builder, Some(facts), writer, about, &text, mailed.mail.message_id.as_ref());
    }
    Ok(())
}

/// A mail was forwarded without a word: colleagues hear of the new ticket, and its writer that nothing left.
fn notify_handed_over(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    first: &First<'_>,
    id: i64,
    forwarded: &str,
) {
    let First { mailed, actor, files, .. } = *first;
    let token = builder.rules.token(facts.ticket.number);
    let by = actor.person.map(|p| p.name.clone()).unwrap_or_default();
    let notice = notification::Notice {
        headline: notification::Headline::Announces(format!(
            "New ticket {token} for {}, forwarded by {by}",
            builder.shown_to_staff(&facts.requester)
        )),
        words: forwarded,
        lines: notification::card(builder, facts, &[]),
        files: files.to_vec(),
        left_out: Vec::new(),
        message: id,
    };
    notify::notify_concerned(builder, facts, &notice, actor.person.map(|p| p.id));
    if let Some(writer) = actor.person {
        let text = format!(
            "{token} is open for {}. Nothing was sent to them, since there were no words above the \
             forwarded mail; answer this \
             letter to answer them.\n",
            builder.shown_to_staff(&facts.requester)
        );
        result::queue(builder, Some(facts), writer, "opened", &text, mailed.mail.message_id.as_ref());
    }
}

/// Whom a ticket may be opened for.
fn requester_at(builder: &mut Builder<'_>, address: &AddrSpec) -> Result<Person, MailFault> {
    if builder.rules.own.contains(address) || builder.known.staff_by_address(address).is_some() {
        return Err(MailFault::ForNoCustomer(address.clone()));
    }
    Ok(builder.find_or_add_person(address, ""))
}

/// A ticket of the staff member's own: colleagues hear of it, and its writer how it might have been somebody
/// else's.
fn open_own(
    builder: &mut Builder<'_>,
    mailed: &Mailed<'_>,
    facts: &mut TicketFacts,
    staff: &Staff,
    new: NewMessage,
) {
    let words = new.text.clone();
    let id = builder.add_message(facts, new);
    let token = builder.rules.token(facts.ticket.number);
    let notice = notification::Notice {
        headline: notification::Headline::Announces(format!(
            "New ticket {token} from {}",
            builder.shown_to_staff(&staff.person)
        )),
        words: &words,
        lines: notification::card(builder, facts, &[]),
        files: Vec::new(),
        left_out: Vec::new(),
        message: id,
    };
    notify::notify_concerned(builder, facts, &notice, Some(staff.person.id));
    let whom =
        forwarded_sender(builder, &mailed.mail.words).map_or_else(|| "ADDRESS".to_owned(), |a| a.to_string());
    let text = format!(
        "{token} is open, with you as the one who asks.\n\nTo open a ticket for a customer, who then gets \
         your words as an answer, \
         send a mail that begins with this line:\n\n#for {whom}\n"
    );
    result::queue(builder, Some(facts), &staff.person, "opened", &text, mailed.mail.message_id.as_ref());
}

/// The sender that a forwarded mail names in the header which mail clients put above it; neither the desk nor
/// staff.
fn forwarded_sender(builder: &Builder<'_>, words: &crate::mail::Words) -> Option<AddrSpec> {
    let outside =
        |a: &AddrSpec| !builder.rules.own.contains(a) && builder.known.staff_by_address(a).is_none();
    let lines = words.quoted.lines().chain(words.text.lines());
    lines.filter_map(address_on_line).find(outside)
}

/// The first address in the fields above a forwarded mail: who wrote it.
fn sender_of(forwarded: &str) -> Option<AddrSpec> {
    forwarded.lines().take(FIELDS_MAX).find_map(address_on_line)
}

/// Lines of a forwarded mail in which its sender is looked for.
const FIELDS_MAX: usize = 12;

/// The address on a line such as `From: Ann <ann@example.com>`.
fn address_on_line(line: &str) -> Option<AddrSpec> {
    let (_, rest) = line.trim_start_matches(['>', ' ', '*']).split_once(':')?;
    let inner = rest.rsplit_once('<').map_or(rest, |(_, a)| a.split('>').next().unwrap_or(a));
    AddrSpec::parse(inner.trim_matches([' ', '*']))
}
