//! A letter on its way to becoming one: what it says and to whom, before it has ids and bytes.

use crate::desk::model::{LetterFile, LetterKind, Person};
use crate::desk::rules::Rules;
use crate::desk::text::layout;
use crate::mail::MessageId;

/// A letter before it has ids and an address to answer to.
#[derive(Clone)]
pub struct Draft {
    /// What kind of letter it is.
    pub kind: LetterKind,
    /// To whom.
    pub to: Person,
    /// The name in From.
    pub from_name: String,
    /// Whole, with its token.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part, of the same words.
    pub html: String,
    /// What comes along.
    pub files: Vec<LetterFile>,
    /// Text and HTML with links in place of the files, for a relay that does not take them; `None`: the
    /// letter does not leave without them.
    pub without_files: Option<[String; 2]>,
    /// `None`: it answers nothing that its reader has.
    pub in_reply_to: Option<MessageId>,
    /// Oldest first; the newest ten leave.
    pub references: Vec<MessageId>,
    /// The letter's own id stands last in References: a relay may replace it in Message-ID (D15).
    pub own_id_in_references: bool,
    /// RFC 3834 §5; `None`: a human wrote it.
    pub auto_submitted: Option<&'static str>,
    /// `bulk` or `auto_reply`; `None`: not set.
    pub precedence: Option<&'static str>,
    /// RFC 2919; `None`: it is of no list.
    pub list_id: Option<String>,
    /// Sealed for the reader; `None`: no Reply-To.
    pub reply: Option<AnswersTo>,
    /// The staff member whose words it carries, or the person whom a failure concerns; `None`: nobody's.
    pub author: Option<i64>,
    /// About which ticket; `None`: about none.
    pub ticket: Option<i64>,
    /// `support+auth-NONCE@` as From where the relay allows it (T05).
    pub nonce_from: bool,
}

/// What a sealed reply address says.
#[derive(Clone, Copy)]
pub struct AnswersTo {
    /// To which ticket an answer belongs.
    pub ticket: i64,
    /// The newest message that the reader has seen with the letter; 0: none.
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
            html: layout::to_html(rules, text),
            text: layout::wrapped(text),
            files: Vec::new(),
            without_files: None,
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
