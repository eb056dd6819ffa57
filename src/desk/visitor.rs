//! A form came: what a visitor pressed on a page. The pages check sessions and origins (T59, T69); what
//! follows is decided here.

use super::builder::decision::Builder;
use super::letter::{link, notification};
use super::model::form::SessionStart;
use super::model::{
    Change, Decision, HeldEnd, Kind, Moment, Outcome, Person, Questions, Reason, Refused, Release, Snapshot,
    Status, TicketFacts, Verified, Via,
};
use super::notify;
use super::order::{participants, speak};
use super::rules::Rules;
use crate::mail::{AddrSpec, text};

/// What a visitor did.
#[derive(Debug)]
pub enum Form<'a> {
    /// Somebody typed an address to get a link by which it signs in.
    AskLink {
        /// As it was typed, if it is an address.
        address: &'a AddrSpec,
        /// The visitor's /32 or /64, for limits (T67).
        network: &'a str,
    },
    /// The button of a link was pressed: it becomes a session (T60).
    SignIn {
        /// SHA-256 of the link's token.
        link: &'a [u8; 32],
        /// The session that begins.
        session: &'a SessionStart,
    },
    /// A session ends by its own button.
    SignOut {
        /// SHA-256 of the cookie.
        session: &'a [u8; 32],
    },
    /// A signed-in person writes on in a ticket.
    Message {
        /// Who writes.
        by: &'a Person,
        /// Number of the ticket.
        ticket: i64,
        /// What they say.
        words: &'a str,
    },
    /// The answer to the question whether an address takes part from now on (T06).
    Follow {
        /// Who was asked.
        by: &'a Person,
        /// Number of the ticket.
        ticket: i64,
        /// The address in question.
        address: &'a AddrSpec,
        /// Whether it does.
        yes: bool,
    },
    /// A participant leaves a ticket by the link in their letters (T105).
    Leave {
        /// Number of the ticket.
        ticket: i64,
        /// Who leaves.
        person: i64,
    },
    /// A reader of the daily digest wants it no more (RFC 8058).
    LeaveDigest {
        /// The reader.
        person: i64,
    },
    /// A staff member says what becomes of a mail that is held in their name.
    Held {
        /// SHA-256 of the token of their link.
        link: &'a [u8; 32],
        /// Number of the held mail.
        held: i64,
        /// Whether they wrote it: it acts now. Else it is discarded.
        confirm: bool,
    },
}

/// What must be known to decide a form.
pub fn questions(form: &Form<'_>) -> Questions {
    let base = Questions::default();
    match *form {
        Form::AskLink { address, network } => Questions {
            addresses: vec![address.clone()],
            links_asked: Some((address.clone(), network.to_owned())),
            ..base
        },
        Form::SignIn { link, .. } => Questions { link: Some(*link), bare: true, ..base },
        Form::SignOut { .. } | Form::LeaveDigest { .. } => Questions { bare: true, ..base },
        Form::Message { by, ticket, .. } => {
            Questions { tickets: vec![ticket], addresses: vec![by.address.clone()], ..base }
        }
        Form::Follow { by, ticket, address, .. } => Questions {
            tickets: vec![ticket],
            addresses: vec![address.clone()],
            suggestions: Some((ticket, by.id)),
            ..base
        },
        Form::Leave { ticket, .. } => Questions { tickets: vec![ticket], ..base },
        Form::Held { link, .. } => Questions { held_link: Some(*link), ..base },
    }
}

/// What follows from a form. What a visitor may not do, or what is not there, is refused alike (T71).
pub fn decide(rules: &Rules, known: &Snapshot, form: &Form<'_>, moment: Moment) -> Decision {
    let mut builder = Builder::new(rules, known, moment);
    let done = match *form {
        Form::AskLink { address, network } => ask_link(&mut builder, address, network),
        Form::SignIn { link, session } => sign_in(&mut builder, link, session),
        Form::SignOut { session } => {
            builder.change(Change::EndSession { hash: *session });
            Ok(None)
        }
        Form::Message { by, ticket, words } => message(&mut builder, by, ticket, words),
        Form::Follow { by, ticket, address, yes } => follow(&mut builder, by, ticket, address, yes),
        Form::Leave { ticket, person } => leave(&mut builder, ticket, person),
        Form::LeaveDigest { person } => {
            let who = format!("person:{person}");
            builder.change(Change::Digest { person, on: false });
            builder.audit(&who, "digest-off", who.clone(), "by one click");
            Ok(None)
        }
        Form::Held { held, confirm, .. } => return held_mail(builder, held, confirm),
    };
    match done {
        Ok(ticket) => builder.finish(Outcome::Append, Reason::Form, ticket),
        Err(refused) => builder.refuse(refused),
    }
}

/// A link for a known address; nothing for an unknown one, and the page says neither (T66).
fn ask_link(builder: &mut Builder<'_>, address: &AddrSpec, network: &str) -> Result<Option<i64>, Refused> {
    let (asked, rules) = (builder.known.links_asked, builder.rules);
    builder.change(Change::LinkAsked { what: format!("network:{network}") });
    let over = asked.address_quarter >= rules.links_per_address_quarter
        || asked.address_day >= rules.links_per_address_day
        || asked.network_quarter >= rules.links_per_network_quarter
        || asked.address_by_network_day >= rules.bounds.links_by_network_per_day;
    // Only a letter counts against an address, and one network cannot use up all of them: else a stranger
    // shuts somebody else's sign-in by asking often enough.
    if let Some(person) = builder.known.persons.get(address).filter(|_| !over) {
        for what in [format!("address:{address}"), format!("address:{address} network:{network}")] {
            builder.change(Change::LinkAsked { what });
        }
        link::queue(builder, person);
    }
    Ok(None)
}

/// T60: a link is used once, in the transaction that begins its session.
fn sign_in(
    builder: &mut Builder<'_>,
    link: &[u8; 32],
    session: &SessionStart,
) -> Result<Option<i64>, Refused> {
    let live = builder.known.link.clone().ok_or(Refused::DeadLink)?;
    builder.change(Change::UseLink { hash: *link });
    let expires_at = builder.now() + i64::from(builder.rules.session_days) * 86_400;
    builder.change(Change::BeginSession { session: session.clone(), person: live.person, expires_at });
    builder.audit(&format!("person:{}", live.person), "sign-in", String::new(), "");
    Ok(live.ticket)
}

/// The ticket as it is now, if this person takes part in it.
fn theirs(builder: &Builder<'_>, ticket: i64, person: i64) -> Result<TicketFacts, Refused> {
    let facts = builder.known.live(ticket).ok_or(Refused::NoTicket(ticket))?;
    let inside = facts.requester.id == person || facts.participants.iter().any(|p| p.id == person);
    inside.then(|| facts.clone()).ok_or(Refused::NoTicket(ticket))
}

/// Words on the page are a message as those of a mail are.
fn message(builder: &mut Builder<'_>, by: &Person, ticket: i64, words: &str) -> Result<Option<i64>, Refused> {
    let mut facts = theirs(builder, ticket, by.id)?;
    let words = &text::clean(words);
    let mut new = speak::message_of_form(Kind::Customer, Via::Web, Some(by), &builder.rules.name, words);
    new.verified = Verified::MagicLink;
    let id = builder.add_message(&mut facts, new);
    if matches!(facts.ticket.status, Status::Waiting | Status::Closed) {
        builder.set_status(&mut facts, Status::Open);
    }
    builder.write_ticket(&mut facts);
    let mut lines = notification::card(builder, &facts, &[]);
    lines.push("Proof of the sender: signed in by a magic link".into());
    let token = builder.rules.token(facts.ticket.number);
    let notice = notification::Notice {
        headline: notification::Headline::Announces(format!(
            "{} wrote on the web to {token}",
            builder.shown_to_staff(by)
        )),
        words,
        lines,
        files: Vec::new(),
        left_out: Vec::new(),
        message: id,
    };
    notify::notify_concerned(builder, &mut facts, &notice, Some(by.id));
    Ok(Some(facts.ticket.number))
}

/// The question of the page is answered once.
fn follow(
    builder: &mut Builder<'_>,
    by: &Person,
    ticket: i64,
    address: &AddrSpec,
    yes: bool,
) -> Result<Option<i64>, Refused> {
    let mut facts = theirs(builder, ticket, by.id)?;
    let number = facts.ticket.number;
    if !builder.known.suggestions.contains(address) {
        return Err(Refused::NoTicket(number));
    }
    builder.change(Change::ForgetSuggestion { ticket: number, person: by.id, address: address.clone() });
    if yes {
        participants::let_take_part(builder, &mut facts, by, address);
    }
    Ok(Some(number))
}

fn leave(builder: &mut Builder<'_>, ticket: i64, person: i64) -> Result<Option<i64>, Refused> {
    let mut facts = builder.known.live(ticket).cloned().ok_or(Refused::NoTicket(ticket))?;
    let person = facts.participants.iter().find(|p| p.id == person).cloned().ok_or(Refused::DeadLink)?;
    participants::leave_ticket(builder, &mut facts, &person);
    Ok(Some(facts.ticket.number))
}

/// The link shows the mails that its owner may confirm; each is answered once.
fn held_mail(mut builder: Builder<'_>, held: i64, confirm: bool) -> Decision {
    let Some((person, mails)) = builder.known.held_link.clone() else {
        return builder.refuse(Refused::DeadLink);
    };
    if !mails.contains(&held) {
        return builder.refuse(Refused::DeadLink);
    }
    let actor = format!("person:{person}");
    if confirm {
        let release = Some(Release { held, actor });
        return Decision { release, ..builder.finish(Outcome::Append, Reason::HeldLetGo, None) };
    }
    builder.change(Change::EndHeld { held, how: HeldEnd::Dropped });
    builder.audit(&actor, "drop", format!("held:{held}"), "");
    builder.finish(Outcome::Append, Reason::HeldDropped, None)
}
