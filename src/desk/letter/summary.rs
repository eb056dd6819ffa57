//! Notices that were held back, in one letter (T18, T29, T31).

use crate::desk::work::{Draft, Work};
use crate::desk::{LetterKind, Person};

/// `lines`: one a ticket, newest last.
pub fn send(work: &mut Work<'_>, to: &Person, lines: &[String]) {
    let rules = work.rules;
    let shown = lines.iter().take(200).cloned().collect::<Vec<_>>().join("\n");
    let more = if lines.len() > 200 { format!("\nand {} more", lines.len() - 200) } else { String::new() };
    let text = format!(
        "These notices were held back so that they would not come one by one:\n\n{shown}{more}\n\n\
         Look at a ticket with maildesk ticket show NUMBER, or here:\n{}/tickets\n\n-- \n{}\n",
        rules.url, rules.name
    );
    let draft = Draft {
        kind: LetterKind::Summary,
        to: to.clone(),
        from_name: format!("{} digest", rules.name),
        subject: if lines.len() == 1 { "1 notice".into() } else { format!("{} notices in one", lines.len()) },
        html: super::html(rules, &text),
        text,
        files: Vec::new(),
        in_reply_to: None,
        references: Vec::new(),
        own_id_in_references: false,
        auto_submitted: Some("auto-generated"),
        precedence: Some("bulk"),
        list_id: Some(format!("{} digest <digest.{}>", rules.name.replace(['<', '>', '"', '\\'], " "), rules.domain())),
        reply: None,
        author: None,
        ticket: None,
        nonce_from: false,
    };
    work.send(draft, None);
}
