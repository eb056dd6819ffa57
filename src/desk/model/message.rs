//! A message as it is about to be written into a ticket.

use super::decision::NewMessage;
use super::mail::Mailed;
use super::person::Person;
use super::proof::Verified;
use super::ticket::{Kind, Via};
use crate::mail::Line;

/// A message with what most messages have.
pub fn new_message(kind: Kind, via: Via, author: Option<&Person>, text: impl Into<String>) -> NewMessage {
    NewMessage {
        id: 0,
        ticket: 0,
        kind,
        via,
        author: author.map(|p| p.id),
        author_name: author.map(|p| p.name.clone()).unwrap_or_default(),
        from_mail: false,
        subject: None,
        text: text.into(),
        quoted: String::new(),
        signature: String::new(),
        verified: Verified::None,
        automatic: false,
        private: false,
        shown: matches!(kind, Kind::Customer | Kind::Staff),
    }
}

/// The mail as a message of a ticket.
pub fn message_of_mail(mailed: &Mailed<'_>, kind: Kind, author: &Person, verified: Verified) -> NewMessage {
    let words = &mailed.mail.words;
    let shown_name = match mailed.mail.from.name() {
        "" => author.name.clone(),
        name => Line::clean(name).as_str().to_owned(),
    };
    NewMessage {
        from_mail: true,
        author_name: if kind == Kind::Customer { shown_name } else { author.name.clone() },
        subject: Some(Line::clean(&mailed.mail.subject).as_str().to_owned()),
        quoted: words.quoted.clone(),
        signature: words.signature.clone(),
        verified,
        ..new_message(kind, Via::Email, Some(author), words.text.clone())
    }
}
