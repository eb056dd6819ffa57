//! What must be known before a mail can be decided.

use super::gather::Asked;
use super::staff::query;
use crate::desk::model::{Mailed, Query, Questions};
use crate::desk::order::command;
use crate::desk::seal::Tag;
use crate::mail::parse;
use crate::mail::ses::canonical_id;

/// Everything that a mail names and that must be known to decide it.
pub fn questions(mailed: &Mailed<'_>, asked: &Asked) -> Questions {
    let mail = mailed.mail;
    let has_no_bytes = mailed.facts.without_bytes.is_some();
    if has_no_bytes || mailed.facts.fault.is_some() || mail.defects.contains(&parse::UNREAD) {
        return Questions { content_hash: mail.content_hash, ..Questions::default() };
    }
    let mut tickets = mailed.seals.numbers.clone();
    let mut ids = mailed.seals.answered.clone();
    if let Some(report) = &mail.report {
        ids.extend(report.original_ids.iter().map(canonical_id));
    }
    for tag in &mailed.seals.tags {
        match tag {
            Tag::Reply(reply) | Tag::Revoked(reply) => tickets.insert(0, reply.ticket),
            Tag::Bounce(id) => ids.insert(0, canonical_id(id)),
            Tag::Leave(_) => {}
        }
    }
    if let Some(ticket) = mailed.facts.released.as_ref().and_then(|r| r.ticket) {
        tickets.insert(0, ticket);
    }
    let mut addresses = Vec::new();
    let mut undo = false;
    for order in asked.block.commands.iter().filter_map(|c| c.order.as_ref().ok()) {
        match order {
            command::Order::Merge(number) => tickets.push(*number),
            command::Order::Undo => undo = true,
            command::Order::Cc(address)
            | command::Order::For(address)
            | command::Order::Assign(command::Assignee::Somebody(address)) => addresses.push(address.clone()),
            _ => {}
        }
    }
    let query = query::question_for_store(mailed, asked);
    if let Some(Query::Show(number)) = query {
        tickets.insert(0, number);
    }
    ids.truncate(110);
    tickets.truncate(10);
    addresses.truncate(20);
    // A mail that is let go was taken in before, and is no duplicate of itself.
    let content_hash = if mailed.facts.released.is_some() { [0; 32] } else { mail.content_hash };
    Questions {
        content_hash,
        message_id: mail.message_id.clone(),
        sender: mail.from.address().cloned(),
        tickets,
        ids,
        addresses,
        signatures: mailed.facts.domain.fingerprints(),
        query,
        hits: mailed.facts.hits.clone(),
        undo,
        ..Questions::default()
    }
}
