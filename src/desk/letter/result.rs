//! X: what became of a staff mail: commands done, a refusal, a failed delivery, help.

use crate::desk::work::{Draft, Reply, Work};
use crate::desk::{LetterKind, Person, TicketFacts, token};
use crate::mail::MessageId;

/// `about` goes into the subject: `Result: #close [DESK-7]`.
pub fn send(
    work: &mut Work<'_>,
    facts: &mut TicketFacts,
    to: &Person,
    about: &str,
    text: &str,
    answers: Option<&MessageId>,
    author: Option<i64>,
) {
    let rules = work.rules;
    let number = facts.ticket.number;
    let text = format!("{}\n\n-- \n{} {}\n", text.trim_end(), rules.token(number), facts.ticket.subject);
    let mut references = super::ids_to(facts, to.id);
    references.extend(answers.cloned());
    let draft = Draft {
        kind: LetterKind::Result,
        to: to.clone(),
        from_name: rules.token(number),
        subject: token::with(&format!("Result: {about}"), &rules.prefix, number),
        html: super::html(rules, &text),
        text,
        files: Vec::new(),
        in_reply_to: answers.cloned(),
        references,
        own_id_in_references: false,
        auto_submitted: Some("auto-replied"),
        precedence: None,
        list_id: None,
        reply: Some(Reply { ticket: number, message: facts.messages.last().map_or(0, |m| m.id) }),
        author,
        ticket: Some(number),
        nonce_from: false,
    };
    work.send(draft, Some(facts));
}

/// The page that `#help` mails: fits a phone.
pub fn help() -> String {
    let mut out = String::from("Commands stand on lines of their own at the top of your answer:\n\n");
    for (word, arguments, what) in crate::desk::command::HELP {
        let head = format!("#{word} {arguments}");
        out.push_str(&format!("{}\n  {what}\n", head.trim_end()));
    }
    out.push_str("#help\n  mails this page\n\n##text begins a line with #. DATE is written 2027-03-15. Words below the commands go to the customer.\n");
    out
}
