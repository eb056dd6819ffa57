//! Tells a staff member that a mail with his address was kept and not acted on; at most one an hour (decision table).

use crate::desk::work::{Draft, Work};
use crate::desk::{LetterKind, Person};

pub fn send(work: &mut Work<'_>, to: &Person, reason: &str, forged: bool) {
    let rules = work.rules;
    let what_to_do = match forged {
        true => "It is taken for forged. If you wrote it, ask the operator of the desk to look at it.",
        false => {
            "If you wrote it, answer the notice of the ticket with your mail client's reply button, so that your mail goes to \
                  the address that was given to you alone; or ask the operator of the desk to release it (maildesk held list)."
        }
    };
    let text = format!(
        "A mail that bears your address came to {} and was kept without being acted on: {reason}.\n\n{what_to_do}\n\n\
         If you did not write it, there is nothing to do: nobody else got it. Further mails of this kind are kept as well; \
         this letter comes once an hour at most.\n\n-- \n{}\n",
        rules.name, rules.name
    );
    let draft = Draft {
        kind: LetterKind::Hold,
        to: to.clone(),
        from_name: rules.name.clone(),
        subject: "A mail with your address was held".into(),
        html: super::html(rules, &text),
        text,
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
        nonce_from: false,
    };
    work.send(draft, None);
}
