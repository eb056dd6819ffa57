//! Tells a staff member that a mail with their address was kept and not acted on; at most one an hour
//! (decision table).

use crate::desk::builder::decision::Builder;
use crate::desk::builder::draft::Draft;
use crate::desk::model::{Cause, LetterKind, Person};
use std::fmt::Display;

/// Life of the link by which they say what becomes of such mails; days.
pub const LINK_DAYS: i64 = 7;

/// `cause`: with [`Cause::Unproven`] they decide by a link; whatever else is an operator's.
pub fn queue(builder: &mut Builder<'_>, to: &Person, reason: impl Display, cause: Cause) {
    let rules = builder.rules;
    let what_to_do = match cause {
        Cause::Unproven => {
            let link = builder.held_mail_link(to.id, LINK_DAYS);
            format!(
                "Did you write it? This page shows it, with a button that lets it act and a button that \
                 discards it. \
                 Opening the page changes nothing; the link is good for {LINK_DAYS} days:\n{link}\n\n\
                 Answers reach us without this detour when you answer the notice of the ticket with your \
                 mail client's reply \
                 button, so that they go to the address that was given to you alone.\n\n\
                 If you did not write it, discard it, or do nothing: nobody else got it. What else is held \
                 in your name within \
                 the hour stands on the same page; this letter comes once an hour at most."
            )
        }
        Cause::Quarantine | Cause::Crossed | Cause::Other => {
            "It is taken for forged. If you wrote it, ask the operator of the desk \
             to look at it (maildesk held list).\n\nIf you did not write it, there is nothing to do: nobody \
             else got it. Further \
             mails of this kind are kept as well; this letter comes once an hour at most."
                .to_owned()
        }
    };
    let text = format!(
        "A mail that bears your address came to {} and was kept without being acted on: {reason}.\n\n\
         {what_to_do}\n\n-- \n{}\n",
        rules.name, rules.name
    );
    let draft = Draft::plain(rules, LetterKind::Hold, to, "A mail with your address was held", &text);
    builder.queue(draft, None);
}
