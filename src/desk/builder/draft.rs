//! A letter on its way to becoming one: what it says and to whom, before it has ids and bytes.

use crate::desk::model::{LetterKind, Person};
use crate::desk::rules::Rules;
use crate::desk::text::layout;
use crate::mail::{MessageId, OutFile};

/// A letter before it has ids and an address to answer to.
pub struct Draft {
    pub kind: LetterKind,
    pub to: Person,
    pub from_name: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub files: Vec<OutFile>,
    pub in_reply_to: Option<MessageId>,
    pub references: Vec<MessageId>,
    /// The letter's own id stands last in References: a relay may replace it in Message-ID (D15).
    pub own_id_in_references: bool,
    pub auto_submitted: Option<&'static str>,
    pub precedence: Option<&'static str>,
    pub list_id: Option<String>,
    /// Sealed for the reader; `None`: no Reply-To.
    pub reply: Option<Reply>,
    pub author: Option<i64>,
    pub ticket: Option<i64>,
    /// `support+auth-NONCE@` as From where the relay allows it (T05).
    pub nonce_from: bool,
}

/// What a sealed reply address says.
#[derive(Clone, Copy)]
pub struct Reply {
    pub ticket: i64,
    pub message: i64,
}

impl Draft {
    /// A letter from the desk that a machine made of these words of ours, to be answered by nobody.
    pub fn plain(
        rules: &Rules,
        kind: LetterKind,
        to: &Person,
        subject: impl Into<String>,
        text: &str,
    ) -> Self {
        Self {
            kind,
            to: to.clone(),
            from_name: rules.name.clone(),
            subject: subject.into(),
            html: layout::html(rules, text),
            text: layout::wrapped(text),
            files: Vec::new(),
            in_reply_to: None,
            references: Vec::new(),
            own_id_in_references: false,
            auto_submitted: Some("auto-generated"),
            precedence: None,
            list_id: None,
            reply: None,
            author: None,
            ticket: None,
            nonce_from: false,
        }
    }
}
