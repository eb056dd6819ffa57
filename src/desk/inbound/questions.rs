//! What must be known before a mail can be decided.

use super::staff::query;
use crate::desk::model::{Mailed, Query, Questions};
use crate::desk::order::command;
use crate::desk::proof::named;
use crate::desk::rules::Rules;
use crate::desk::seal::Tag;
use crate::desk::text::subject;
use crate::mail::parse;
use crate::mail::ses::canonical_id;

/// Everything that a mail names and that must be known to decide it.
pub fn questions(rules: &Rules, mailed: &Mailed<'_>) -> Questions {
    let mail = mailed.mail;
    if mailed.facts.fault.is_some() || mail.defects.contains(&parse::UNREAD) {
        return Questions { content_hash: mail.content_hash, ..Questions::default() };
    }
    let mut tickets = subject::ticket_numbers(&mail.subject, &rules.prefix);
    let mut ids: Vec<_> = mail.in_reply_to.iter().chain(mail.references.iter().rev()).cloned().collect();
    if let Some(report) = &mail.report {
        ids.extend(report.original_ids.iter().cloned());
    }
    for tag in named::sealed_tags(rules, mailed) {
        match tag {
            Tag::Reply(reply) | Tag::Revoked(reply) => tickets.insert(0, reply.ticket),
            Tag::Bounce(id) => ids.insert(0, id),
            Tag::Leave(_) => {}
        }
    }
    if let Some(ticket) = mailed.facts.released.as_ref().and_then(|r| r.ticket) {
        tickets.insert(0, ticket);
    }
    let mut addresses = Vec::new();
    let mut undo = false;
    for order in
        command::read_commands(&mail.words.text, rules).commands.into_iter().filter_map(|c| c.order.ok())
    {
        match order {
            command::Order::Merge(number) => tickets.push(number),
            command::Order::Undo => undo = true,
            command::Order::Cc(address)
            | command::Order::For(address)
            | command::Order::Assign(command::Assignee::Somebody(address)) => addresses.push(address),
            _ => {}
        }
    }
    let query = query::question_for_store(rules, mailed);
    if let Some(Query::Show(number)) = query {
        tickets.insert(0, number);
    }
    ids = ids.iter().map(canonical_id).collect();
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
        undo,
        ..Questions::default()
    }
}
