//! X: what became of a staff mail: commands done, a refusal, a failed delivery, help.

use crate::desk::builder::decision::Builder;
use crate::desk::builder::draft::{AnswersTo, Draft};
use crate::desk::model::ticket::{ids_to, seen_by};
use crate::desk::model::{LetterKind, Person, TicketFacts};
use crate::desk::text::{layout, subject};
use crate::mail::MessageId;
use std::fmt::Display;

/// The last line of every result. Words in which it stands hold the whole letter (T72).
pub const STAFF_LINE: &str = "To you alone; no customer reads this.";

/// What a result says, and what it is about.
struct ResultWords<'a> {
    about: &'a str,
    text: &'a str,
    answers: Option<&'a MessageId>,
    /// Of a failure: the person whom it concerns.
    author: Option<i64>,
    /// The newest message that its reader has seen then.
    seen: i64,
    /// The text is ours, so that its lines may be wrapped.
    ours: bool,
}

/// `about` goes into the subject: `Result: #close [DESK-7]`. `facts: None`: the mail made no ticket. It
/// brings no message, so that answering it tells nothing of what its reader had seen but what they had seen
/// before.
pub fn queue(
    builder: &mut Builder<'_>,
    facts: Option<&mut TicketFacts>,
    to: &Person,
    about: &str,
    text: &str,
    answers: Option<&MessageId>,
) {
    let seen = facts.as_ref().map_or(0, |f| seen_by(f, to.id));
    queue_result(builder, facts, to, &ResultWords { about, text, answers, author: None, seen, ours: true });
}

/// T114: tells the writer of a mail that is older than a restored backup that its letters wait.
pub fn tell_that_letters_wait(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    to: &Person,
    answers: Option<&MessageId>,
) {
    let letters = builder.letters.iter().filter(|l| l.waits).count();
    if letters > 0 {
        let text = format!(
            "A backup was put in place after your mail came, so the desk took it in once more. It is in the \
             ticket, but what it says to customers may have left before, and waits: letters {letters}.\n\n\
             maildesk outbox list shows them, maildesk outbox retry sends them, maildesk outbox cancel does \
             not."
        );
        queue(builder, Some(facts), to, "your mail waits", &text, answers);
    }
}

/// A result that nobody's mail asked for: letters to `person` fail.
pub fn queue_failure(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    to: &Person,
    about: &str,
    text: &str,
    person: i64,
) {
    let seen = seen_by(facts, to.id);
    let words = ResultWords { about, text, answers: None, author: Some(person), seen, ours: true };
    queue_result(builder, Some(facts), to, &words);
}

/// A result that shows the whole conversation.
pub fn queue_conversation(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    to: &Person,
    about: &str,
    text: &str,
    answers: Option<&MessageId>,
) {
    let seen = facts.messages.last().map_or(0, |m| m.id);
    queue_result(
        builder,
        Some(facts),
        to,
        &ResultWords { about, text, answers, author: None, seen, ours: false },
    );
}

fn queue_result(
    builder: &mut Builder<'_>,
    facts: Option<&mut TicketFacts>,
    to: &Person,
    told: &ResultWords<'_>,
) {
    let ResultWords { about, text, answers, author, seen, ours } = *told;
    let rules = builder.rules;
    let number = facts.as_ref().map(|f| f.ticket.number);
    let name = number.map_or_else(|| rules.name.clone(), |n| rules.token(n));
    let subject = facts.as_ref().map(|f| f.ticket.subject.as_str()).unwrap_or_default();
    let text = format!("{}\n\n-- \n{}\n{STAFF_LINE}\n", text.trim_end(), footer_line(&name, subject));
    let mut references = facts.as_ref().map(|f| ids_to(f, to.id)).unwrap_or_default();
    references.extend(answers.cloned());
    let subject = format!("Result: {about}");
    let draft = Draft {
        from_name: name,
        text: if ours { layout::wrapped(&text) } else { text.clone() },
        in_reply_to: answers.cloned(),
        references,
        auto_submitted: Some("auto-replied"),
        reply: number.map(|ticket| AnswersTo { ticket, message: seen }),
        author,
        ticket: number,
        ..Draft::plain(
            rules,
            LetterKind::Result,
            to,
            number.map_or_else(|| subject.clone(), |n| subject::with_token(&subject, &rules.prefix, n)),
            &text,
        )
    };
    builder.queue(draft, facts);
}

/// Columns of a phone.
pub const PHONE: usize = 40;

/// The words of the letter that refuses a mail of staff.
pub fn refusal_text(why: &impl Display, text: &str) -> String {
    let unsent = layout::quoted(text);
    format!(
        "Nothing of your mail was sent and none of its commands acted:\n\n{why}\n\nWhat was not sent:\n\n\
         {unsent}\n\nSend it again without the fault; #help lists the commands."
    )
}

/// The line below a letter, no wider than a phone.
pub fn footer_line(name: &str, subject: &str) -> String {
    let line = format!("{name} {subject}");
    line.trim_end().chars().take(PHONE).collect::<String>().trim_end().to_owned()
}
