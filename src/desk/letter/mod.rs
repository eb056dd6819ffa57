//! One file per kind of letter (STANDARDS, table H). Here: what they share.

pub mod answer;
pub mod confirmation;
pub mod digest;
pub mod hold;
pub mod link;
pub mod notification;
pub mod result;
pub mod returned;
pub mod summary;

use super::TicketFacts;
use crate::mail::MessageId;

/// Ids of letters about this ticket that went to this person, oldest first.
pub fn ids_to(facts: &TicketFacts, person: i64) -> Vec<MessageId> {
    facts.letters.iter().filter(|l| l.person == person).map(|l| l.message_id.clone()).collect()
}

/// The newest message that stood in a letter about this ticket to this person; 0: none did.
pub fn seen_by(facts: &TicketFacts, person: i64) -> i64 {
    facts.letters.iter().filter(|l| l.person == person).filter_map(|l| l.message).max().unwrap_or(0)
}

/// Ids of mails that this person wrote into the ticket, oldest first.
pub fn ids_from(facts: &TicketFacts, person: i64) -> Vec<MessageId> {
    facts.messages.iter().filter(|m| m.author == Some(person)).filter_map(|m| m.message_id.clone()).collect()
}

#[cfg(test)]
mod tests;
