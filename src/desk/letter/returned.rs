//! An answer comes back to its writer, with what is new (INTERFACE, Mail: crossed answers). Answering it
//! counts as having seen all of that.

use super::{encrypted, result, said};
use crate::desk::builder::decision::Builder;
use crate::desk::builder::draft::{AnswersTo, Draft};
use crate::desk::model::ticket::ids_to;
use crate::desk::model::{LetterKind, Person, TicketFacts};
use crate::desk::text::{layout, subject};
use crate::mail::{Inbound, Line};

/// `what` came in between, in words; `new`: how many messages that is.
pub fn queue(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    to: &Person,
    mail: &Inbound,
    what: &str,
    new: usize,
) {
    let rules = builder.rules;
    let number = facts.ticket.number;
    let names = builder.reserved_names();
    let told: Vec<String> =
        builder.known.unseen.iter().map(|said| said::show_message(said, rules, &names)).collect();
    let older = match new.saturating_sub(told.len()) {
        0 => String::new(),
        n => format!("({n} older ones are left out; maildesk ticket show {number} has them)\n\n"),
    };
    let unsent = layout::quoted(encrypted::quotable(mail));
    let files: Vec<String> =
        mail.attachments.iter().map(|a| Line::clean(&a.filename).as_str().to_owned()).collect();
    let files = match files.is_empty() {
        true => String::new(),
        false => format!("Its files wait with it: {}\n\n", files.join(", ")),
    };
    let ours = format!(
        "Your answer to {token} was not sent yet: {what} came in between, which you had not seen.\n\n\
         To send it as it is, answer this mail with this one line:\n\n#send\n\n\
         Or answer this mail with other words: they go out in its place. Until then nothing of it acts.\n\n",
        token = rules.token(number),
    );
    let rest = format!(
        "What is new, oldest first:\n\n{older}{new}\n\
         What was not sent:\n\n{unsent}\n\n{files}-- \n{below}\n{staff_line}\n",
        new = told.join("\n"),
        below = result::footer_line(&rules.token(number), &facts.ticket.subject),
        staff_line = result::STAFF_LINE,
    );
    let mut references = ids_to(facts, to.id);
    references.extend(mail.message_id.clone());
    let draft = Draft {
        from_name: rules.token(number),
        text: layout::wrapped(&ours) + &rest,
        in_reply_to: mail.message_id.clone(),
        references,
        own_id_in_references: true,
        auto_submitted: Some("auto-replied"),
        reply: Some(AnswersTo { ticket: number, message: facts.messages.last().map_or(0, |m| m.id) }),
        ticket: Some(number),
        ..Draft::plain(
            rules,
            LetterKind::Hold,
            to,
            subject::with_token(&format!("Not sent yet: {}", facts.ticket.subject), &rules.prefix, number),
            &format!("{ours}{rest}"),
        )
    };
    builder.queue(draft, Some(facts));
}
