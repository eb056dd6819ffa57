//! L: a magic link (D10, D25, T05). No token in the subject, no Reply-To, an unguessable From where the relay allows it.

use crate::desk::work::{Draft, Work};
use crate::desk::{LetterKind, Person};

pub fn send(work: &mut Work<'_>, to: &Person) {
    let link = work.link(to.id, None);
    let rules = work.rules;
    let text = format!(
        "This link signs you in at {name} as {address}. It works once, for {minutes} minutes:\n{link}\n\n\
         You did not ask for it? Then there is nothing to do; nobody can sign in without this mail.\n\n-- \n{name}\n",
        name = rules.name,
        address = to.address,
        minutes = rules.link_minutes,
    );
    let draft = Draft {
        kind: LetterKind::Link,
        to: to.clone(),
        from_name: rules.name.clone(),
        subject: format!("Sign in at {}", rules.name),
        html: super::html(rules, &text),
        text: super::wrapped(&text),
        files: Vec::new(),
        in_reply_to: None,
        references: Vec::new(),
        own_id_in_references: false,
        auto_submitted: Some("auto-generated"),
        precedence: None,
        list_id: None,
        reply: None,
        author: None,
        ticket: None,
        nonce_from: true,
    };
    work.send(draft, None);
}
