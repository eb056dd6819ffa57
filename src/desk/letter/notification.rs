//! N: what staff hear of: a new ticket, a further message, a note, an assignment. Answering it answers the
//! customer.

use crate::desk::builder::decision::Builder;
use crate::desk::builder::draft::{AnswersTo, Draft};
use crate::desk::model::bounds::NOTICE_WORDS_BYTES_MAX;
use crate::desk::model::ticket::ids_to;
use crate::desk::model::{LetterFile, LetterKind, Person, Status, TicketFacts};
use crate::desk::rules::Rules;
use crate::desk::text::{layout, subject};
use crate::mail::AddrSpec;

/// The last line of every notice. No customer ever reads it: words in which it stands hold a notice (T72).
pub const HELP_LINE: &str = "Answer this mail to answer the customer. First line: #note, #close, #help.";

/// Why files do not come along: more than a letter holds, or more than the relay takes.
const TOO_LARGE: &str = "Too large to come along";
const NOT_TAKEN: &str = "Left out, since the mail server does not take it";

/// The first line of a notice: who did what.
pub enum Headline {
    /// It announces the words below it with a colon; where there are none, it is a sentence. Without either
    /// mark at its end.
    Announces(String),
    /// The line as it stands.
    Whole(String),
}

impl Headline {
    fn line(&self, words_follow: bool) -> String {
        match (self, words_follow) {
            (Self::Announces(what), true) => format!("{what}:"),
            (Self::Announces(what), false) => format!("{what}."),
            (Self::Whole(line), true | false) => line.clone(),
        }
    }
}

/// What a notice is about.
pub struct Notice<'a> {
    /// One line: who did what.
    pub headline: Headline,
    /// The new words, if any.
    pub words: &'a str,
    /// Further lines for staff alone: proof, card of the person, hints.
    pub lines: Vec<String>,
    /// What comes along.
    pub files: Vec<LetterFile>,
    /// Names of files that are too large to come along.
    pub left_out: Vec<String>,
    /// The message that this notice brings.
    pub message: i64,
}

/// To one staff member.
pub fn queue(builder: &mut Builder<'_>, facts: &mut TicketFacts, to: &Person, notice: &Notice<'_>) {
    let rules = builder.rules;
    let number = facts.ticket.number;
    let card: String =
        notice.lines.iter().map(String::as_str).chain([HELP_LINE]).map(|line| format!("{line}\n")).collect();
    let text = words_of(rules, number, notice, TOO_LARGE, &notice.left_out);
    let all: Vec<String> =
        notice.files.iter().map(|f| f.filename.as_str().to_owned()).chain(notice.left_out.clone()).collect();
    let bare = (!notice.files.is_empty()).then(|| words_of(rules, number, notice, NOT_TAKEN, &all));
    let without_files =
        bare.map(|t| [t.clone() + &layout::wrapped(&card), layout::to_html(rules, &format!("{t}{card}"))]);
    let earlier = ids_to(facts, to.id);
    let draft = Draft {
        from_name: rules.token(number),
        text: text.clone() + &layout::wrapped(&card),
        files: notice.files.clone(),
        without_files,
        in_reply_to: earlier.first().cloned(),
        references: earlier,
        own_id_in_references: true,
        list_id: Some(format!(
            "{} staff <staff.{}>",
            rules.name.replace(['<', '>', '"', '\\'], " "),
            rules.domain()
        )),
        reply: Some(AnswersTo { ticket: number, message: notice.message }),
        ticket: Some(number),
        ..Draft::plain(
            rules,
            LetterKind::Notification,
            to,
            subject::with_token(&facts.ticket.subject, &rules.prefix, number),
            &format!("{text}{card}"),
        )
    };
    builder.queue(draft, Some(facts));
}

/// The head of a notice, its words, and which files do not come along.
fn words_of(rules: &Rules, number: i64, notice: &Notice<'_>, why: &str, left_out: &[String]) -> String {
    let (words, left_out_chars) = shown_words(notice.words.trim_end());
    let mut text = format!("{}\n\n", notice.headline.line(!words.is_empty()));
    if !words.is_empty() {
        text.push_str(&format!("{words}\n\n"));
    }
    if left_out_chars > 0 {
        text.push_str(&format!(
            "[The words are cut here: {left_out_chars} more characters. maildesk ticket show {number} has \
             all of them, and so has the page of the ticket:]\n{}/tickets/{number}\n\n",
            rules.url
        ));
    }
    if !left_out.is_empty() {
        text.push_str(&format!(
            "{why}: {}\nThe page of the ticket has them:\n{}/tickets/{number}\n\n",
            left_out.join(", "),
            rules.url
        ));
    }
    text.push_str("-- \n");
    text
}

/// As many of the words as each of many notices can bring, and how many characters there are beside (T115).
fn shown_words(words: &str) -> (&str, usize) {
    let most = words.len().min(NOTICE_WORDS_BYTES_MAX);
    let end = (0..=most).rev().find(|at| words.is_char_boundary(*at)).unwrap_or(0);
    (&words[..end], words[end..].chars().count())
}

/// The person's card (K08): who it is and what else there is.
pub fn card(builder: &Builder<'_>, facts: &TicketFacts, earlier: &[(i64, String, Status)]) -> Vec<String> {
    let (t, prefix) = (&facts.ticket, &builder.rules.prefix);
    let mut lines = vec![format!("From: {}", builder.shown_to_staff(&facts.requester))];
    let category = t.category.as_deref().unwrap_or("no category");
    lines.push(format!("Status: {}, priority {}, {category}", t.status.as_str(), t.priority.as_str()));
    let others: Vec<String> = earlier
        .iter()
        .filter(|(n, _, _)| *n != t.number)
        .map(|(n, subject, status)| {
            format!("  {prefix}-{n} ({}) {}", status.as_str(), layout::shortened(subject, 50))
        })
        .collect();
    if !others.is_empty() {
        lines.push("Earlier tickets:".into());
        lines.extend(others);
    }
    lines
}

/// T06: Cc addresses are suggestions; a line that staff can copy makes one a participant.
pub fn lines_to_add(addresses: &[AddrSpec]) -> Vec<String> {
    let Some(_) = addresses.first() else { return Vec::new() };
    let head = "Also addressed, and not in this ticket; to add somebody, begin your answer with the line:"
        .to_owned();
    std::iter::once(head).chain(addresses.iter().map(|a| format!("#cc {a}"))).collect()
}
