//! Paths of our own pages, as letters name them. No other file of the desk spells one.

use crate::desk::model::Ticket;
use crate::desk::rules::Rules;
use crate::desk::seal;

/// The path of the page on which a participant leaves; `None` for the requester, whose ticket it is.
pub fn leave_path(rules: &Rules, ticket: &Ticket, person: i64) -> Option<String> {
    (person != ticket.requester)
        .then(|| format!("/leave/{}", seal::leave_token(&rules.keys, ticket.number, person)))
}
