//! C: the confirmation of a new ticket. Without domain proof it says nothing that the writer chose (T28).

use crate::desk::builder::decision::Builder;
use crate::desk::builder::draft::{AnswersTo, Draft};
use crate::desk::model::{LetterKind, TicketFacts, Verified};
use crate::desk::text::subject;
use crate::mail::Inbound;

/// `others`: how many addresses the mail names that take no part in the ticket.
pub fn queue(
    builder: &mut Builder<'_>,
    facts: &mut TicketFacts,
    mail: &Inbound,
    verified: Verified,
    others: usize,
) {
    let number = facts.ticket.number;
    let rules = builder.rules;
    let link = builder.magic_link(facts.requester.id, Some(number));
    let domain_proven = matches!(verified, Verified::Dkim | Verified::Dmarc);
    let subject = match domain_proven {
        true => format!("Re: {}", subject::with_token(&facts.ticket.subject, &rules.prefix, number)),
        false => format!("We have received your message [{}]", rules.token(number)),
    };
    // Their number alone: no word of the mail stands in an automatic letter (T06, T28).
    let beside = if domain_proven { others } else { 0 };
    let others = match beside {
        0 => String::new(),
        1 => "You also wrote to somebody else, who gets no mail from us. On that page you can add them to \
              the ticket.\n\n"
            .into(),
        n => format!(
            "You also wrote to {n} others, who get no mail from us. On that page you can add them \
                      to the ticket.\n\n"
        ),
    };
    let text = format!(
        "Thank you for writing to {name}.\n\n\
         Your message has arrived and is ticket {token}. We will answer by mail. If you want to add \
         something, \
         simply answer this mail.\n\n\
         You can also follow it on the web. This link signs you in and is good for {minutes} minutes; the \
         page \
         behind it sends you a fresh one at any time:\n{link}\n\n{others}\
         -- \n{name}\n{address}\n",
        name = rules.name,
        token = rules.token(number),
        minutes = rules.link_minutes,
        address = rules.address,
    );
    let draft = Draft {
        in_reply_to: mail.message_id.clone(),
        references: mail.message_id.iter().cloned().collect(),
        own_id_in_references: true,
        auto_submitted: Some("auto-replied"),
        precedence: Some("auto_reply"),
        reply: Some(AnswersTo { ticket: number, message: newest(facts) }),
        ticket: Some(number),
        ..Draft::plain(rules, LetterKind::Confirmation, &facts.requester, subject, &text)
    };
    builder.queue(draft, Some(facts));
    if let Some(letter) = builder.letters.last_mut().filter(|l| l.kind == LetterKind::Confirmation) {
        letter.proven = domain_proven;
    }
}

fn newest(facts: &TicketFacts) -> i64 {
    facts.messages.last().map_or(0, |m| m.id)
}
