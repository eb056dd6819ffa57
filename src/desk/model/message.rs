//! A message as it is about to be written into a ticket.

use super::mail::Mailed;
use super::person::Person;
use super::proof::Verified;
use super::ticket::{Kind, Via};
use crate::mail::{Inbound, Line};

/// A message as it is written into a ticket.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Its number in the store; 0 until it has one.
    pub id: i64,
    /// The ticket to which it is written; 0 until that is known.
    pub ticket: i64,
    /// Who says it.
    pub kind: Kind,
    /// The way on which it came.
    pub via: Via,
    /// Who wrote it; `None`: the desk or an operator.
    pub author: Option<i64>,
    /// The name under which it is shown.
    pub author_name: String,
    /// True: the mail in hand is its source, with its id and its attachments.
    pub from_mail: bool,
    /// Of the mail that brought it; `None`: there was none.
    pub subject: Option<String>,
    /// The new words.
    pub text: String,
    /// Parts of the mail that customers do not get with it, neither by letter nor on a page (T119).
    pub inside: Vec<u32>,
    /// What it quotes below them.
    pub quoted: String,
    /// The signature of the mail.
    pub signature: String,
    /// How its author is proven.
    pub verified: Verified,
    /// A machine wrote it.
    pub automatic: bool,
    /// It goes to the requester alone.
    pub private: bool,
    /// Customers see it on the web.
    pub shown: bool,
}

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
        inside: Vec::new(),
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
    let words = match kind {
        Kind::Customer => mailed.mail.customer_words(),
        Kind::Staff | Kind::Note | Kind::System => &mailed.mail.words,
    };
    let shown_name = match mailed.mail.from.name() {
        "" => author.name.clone(),
        name => Line::clean(name).as_str().to_owned(),
    };
    NewMessage {
        from_mail: true,
        author_name: if kind == Kind::Customer { shown_name } else { author.name.clone() },
        inside: files_inside(mailed.mail, kind, &words.text),
        subject: Some(Line::clean(&mailed.mail.subject).as_str().to_owned()),
        quoted: words.quoted.clone(),
        signature: words.signature.clone(),
        verified,
        ..new_message(kind, Via::Email, Some(author), words.text.clone())
    }
}

/// The files of a mail that customers do not get. What customers sent themselves is theirs.
pub fn files_inside(mail: &Inbound, kind: Kind, words: &str) -> Vec<u32> {
    let theirs = kind == Kind::Customer;
    let inside = mail.attachments.iter().filter(|a| !theirs && !a.goes_out_with(words));
    inside.map(|a| a.part).collect()
}
