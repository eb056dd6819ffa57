//! A first mail of staff with domain proof opens a ticket (decision table): with `#for ADDRESS` for that person, who gets the
//! words as an answer, else for the staff member.

use super::command::{self, Order};
use super::letter::{notification, result};
use super::mailed::{self, as_message, files_of};
use super::ordered::{self, Actor};
use super::proof::Named;
use super::work::Work;
use super::{Cause, Decision, Kind, Mailed, Outcome, Person, Staff, TicketFacts, relay, sealed};
use crate::mail::AddrSpec;

pub fn decide(mut work: Work<'_>, mailed: &Mailed<'_>, named: &Named, staff: &Staff) -> Decision {
    if !named.domain.proven() && mailed.facts.released.is_none() {
        let why = "a first mail of staff needs the proof of its domain";
        return mailed::hold_for(work, Some(staff), named, Cause::Unproven, why);
    }
    let block = command::read(&mailed.mail.words.text, work.rules);
    let lines: Vec<String> = block.commands.iter().map(|c| c.line.clone()).collect();
    let opened = match sealed::refusal(mailed.mail) {
        Some(why) => Err(why),
        None => open(&mut work, mailed, named, staff, &block),
    };
    match opened {
        Ok(number) => {
            let mut decision = work.finish(Outcome::Ticket, "staff opened a ticket", Some(number));
            decision.orders = lines;
            decision
        }
        Err(why) => {
            // Nothing of this mail acts: what was tried is forgotten, the letter alone is left.
            let mut work = Work::new(work.rules, work.known, work.moment);
            let text = mailed::refusal(&why, sealed::quotable(mailed.mail));
            let about = lines.first().map_or("your mail was not sent", String::as_str);
            result::send(&mut work, None, &staff.person, about, &text, mailed.mail.message_id.as_ref(), None);
            let mut decision = work.finish(Outcome::Refused, why, None);
            decision.orders = lines;
            decision
        }
    }
}

/// The number of the new ticket, or why there is none.
fn open(work: &mut Work<'_>, mailed: &Mailed<'_>, named: &Named, staff: &Staff, block: &command::Block) -> Result<i64, String> {
    let mut orders = Vec::new();
    for c in &block.commands {
        orders.push(c.order.clone().map_err(|why| format!("{}: {why}", c.line))?);
    }
    let files = files_of(mailed, work.rules.files_bytes_max).0;
    if block.words.is_empty() && files.is_empty() {
        return Err("it has no words and no files".into());
    }
    if let Some(line) = command::misplaced(&block.words, work.rules) {
        return Err(mailed::below_the_words(line));
    }
    let whom = orders.iter().find_map(|o| match o {
        Order::For(address) => Some(address.clone()),
        _ => None,
    });
    let requester = match &whom {
        Some(address) => customer(work, address)?,
        None => staff.person.clone(),
    };
    let mut facts = work.open(&mailed.mail.subject, requester, mailed.mailbox);
    if whom.is_some()
        && mailed.facts.released.as_ref().is_none_or(|r| !r.quotes)
        && !orders.contains(&Order::Note)
        && let Some(why) = relay::not_theirs(
            work.known,
            &facts,
            std::slice::from_ref(&facts.requester),
            &block.words,
            &mailed.mail.words.signature,
        )
    {
        return Err(format!("{why}. {}", relay::ADVICE));
    }
    let actor = Actor { person: Some(&staff.person), seen: None };
    for (order, c) in orders.iter().zip(&block.commands).filter(|(o, _)| !matches!(o, Order::For(_))) {
        ordered::apply(work, &mut facts, &actor, order).map_err(|why| format!("{}: {why}", c.line))?;
    }
    let kind = if whom.is_some() { Kind::Staff } else { Kind::Customer };
    let mut new = as_message(mailed, kind, &staff.person, named.verified);
    new.text = block.words.clone();
    if whom.is_some() {
        let words = ordered::Words {
            text: block.words.clone(),
            files: &files,
            note: orders.contains(&Order::Note),
            private: orders.contains(&Order::Private),
        };
        ordered::speak(work, &mut facts, &actor, new, &words, &orders);
    } else {
        own(work, mailed, &mut facts, staff, new);
    }
    let number = facts.ticket.number;
    ordered::finish(work, facts);
    Ok(number)
}

/// Whom a ticket may be opened for.
fn customer(work: &mut Work<'_>, address: &AddrSpec) -> Result<Person, String> {
    if work.rules.own.contains(address) || work.known.staff_by_address(address).is_some() {
        return Err(format!("{address} is the desk's own or staff; #for names a customer"));
    }
    Ok(work.person(address, ""))
}

/// A ticket of the staff member's own: colleagues hear of it, and its writer how it might have been somebody else's.
fn own(work: &mut Work<'_>, mailed: &Mailed<'_>, facts: &mut TicketFacts, staff: &Staff, new: super::NewMessage) {
    let words = new.text.clone();
    let id = work.say(facts, new);
    let token = work.rules.token(facts.ticket.number);
    let news = notification::News {
        headline: format!("New ticket {token} from {}:", work.shown(&staff.person)),
        words: &words,
        lines: notification::card(work, facts, &[]),
        files: Vec::new(),
        left_out: Vec::new(),
        message: id,
    };
    mailed::tell(work, facts, &news, Some(staff.person.id));
    let whom = forwarded(work, &mailed.mail.words).map_or_else(|| "ADDRESS".to_owned(), |a| a.to_string());
    let text = format!(
        "{token} is open, with you as the one who asks.\n\nTo open a ticket for a customer, who then gets your words as an answer, \
         send a mail that begins with this line:\n\n#for {whom}\n"
    );
    result::send(work, Some(facts), &staff.person, "opened", &text, mailed.mail.message_id.as_ref(), None);
}

/// The sender that a forwarded mail names in the header which mail clients put above it.
fn forwarded(work: &Work<'_>, words: &crate::mail::Words) -> Option<AddrSpec> {
    let lines = words.quoted.lines().chain(words.text.lines());
    let named = lines.filter_map(|l| l.trim_start_matches(['>', ' ', '*']).split_once(':')).filter_map(|(_, rest)| {
        let inner = rest.rsplit_once('<').map_or(rest, |(_, a)| a.split('>').next().unwrap_or(a));
        AddrSpec::parse(inner.trim_matches([' ', '*']))
    });
    named.into_iter().find(|a| !work.rules.own.contains(a) && work.known.staff_by_address(a).is_none())
}
