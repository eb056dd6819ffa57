//! R: a staff answer on its way to a customer, built anew from the words alone (T72). No Auto-Submitted: a
//! human wrote it.

use crate::desk::builder::decision::Builder;
use crate::desk::builder::draft::{AnswersTo, Draft};
use crate::desk::model::ticket::{ids_from, ids_to};
use crate::desk::model::{LetterFile, LetterKind, Person, TicketFacts};
use crate::desk::rules::Rules;
use crate::desk::text::{links, subject};
use crate::mail::Line;

/// `writer`: public name and person of the staff member; `None`: the desk itself (an operator on the CLI).
pub fn queue(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    to: &Person,
    writer: Option<&Person>,
    words: &str,
    files: &[LetterFile],
) {
    let rules = builder.rules;
    let number = facts.ticket.number;
    let name = writer.map_or_else(|| rules.name.clone(), |p| format!("{}, {}", p.name, rules.name));
    let way_out = links::leave_path(rules, &facts.ticket, to.id).map_or_else(String::new, |path| {
        format!("\nYou take part in this ticket. This page lets you leave it:\n{}{path}\n", rules.url)
    });
    let text = format!(
        "{}\n\n-- \n{}\n{}\n{}",
        words.trim_end(),
        writer.map_or(rules.name.as_str(), |p| &p.name),
        signature(rules, writer),
        way_out
    );
    let sent = ids_from(facts, to.id);
    let mut known = ids_to(facts, to.id);
    known.extend(sent.iter().cloned());
    let draft = Draft {
        from_name: name,
        text: text.clone(),
        files: files.iter().map(|f| without_staff_addresses(builder, f)).collect(),
        in_reply_to: sent.last().cloned().or_else(|| ids_to(facts, to.id).last().cloned()),
        references: known,
        own_id_in_references: true,
        auto_submitted: None,
        reply: Some(AnswersTo { ticket: number, message: facts.messages.last().map_or(0, |m| m.id) }),
        author: writer.map(|p| p.id),
        ticket: Some(number),
        ..Draft::plain(
            rules,
            LetterKind::Answer,
            to,
            subject::with_token(
                &builder.without_staff_addresses(&facts.ticket.subject),
                &rules.prefix,
                number,
            ),
            &text,
        )
    };
    let draft = Draft { subject: format!("Re: {}", draft.subject), ..draft };
    builder.queue(draft, Some(facts));
}

/// T72: nor does a file's name tell an address of staff.
fn without_staff_addresses(builder: &Builder<'_>, file: &LetterFile) -> LetterFile {
    LetterFile {
        filename: Line::clean(&builder.without_staff_addresses(file.filename.as_str())),
        ..file.clone()
    }
}

fn signature(rules: &Rules, writer: Option<&Person>) -> String {
    match writer {
        Some(_) => format!("{}, {}", rules.name, rules.address),
        None => rules.address.to_string(),
    }
}
