//! L: a magic link (D10, D25, T05). No token in the subject, no Reply-To, an unguessable From where the relay
//! allows it.

use crate::desk::builder::decision::Builder;
use crate::desk::builder::draft::Draft;
use crate::desk::model::{LetterKind, Person};

/// To somebody who asked for it on the page.
pub fn queue(builder: &mut Builder<'_>, to: &Person) {
    let link = builder.magic_link(to.id, None);
    let rules = builder.rules;
    let text = format!(
        "This link signs you in at {name} as {address}. It works once, for {minutes} minutes:\n{link}\n\n\
         You did not ask for it? Then there is nothing to do; nobody can sign in without this mail.\n\n-- \n\
         {name}\n",
        name = rules.name,
        address = to.address,
        minutes = rules.link_minutes,
    );
    let draft = Draft {
        nonce_from: true,
        ..Draft::plain(rules, LetterKind::Link, to, format!("Sign in at {}", rules.name), &text)
    };
    builder.queue(draft, None);
}
