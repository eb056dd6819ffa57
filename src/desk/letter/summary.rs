//! Notices that were held back, in one letter (T18, T29, T31).

use crate::desk::builder::decision::Builder;
use crate::desk::builder::draft::Draft;
use crate::desk::model::{LetterKind, Person};

/// `lines`: one a ticket, newest last.
pub fn queue(builder: &mut Builder<'_>, to: &Person, lines: &[String]) {
    let rules = builder.rules;
    let shown = lines.iter().take(200).cloned().collect::<Vec<_>>().join("\n");
    let more = if lines.len() > 200 { format!("\nand {} more", lines.len() - 200) } else { String::new() };
    let text = format!(
        "These notices were held back so that they would not come one by one:\n\n{shown}{more}\n\n\
         Look at a ticket with maildesk ticket show NUMBER, or here:\n{}/tickets\n\n-- \n{}\n",
        rules.url, rules.name
    );
    let draft = Draft {
        from_name: format!("{} digest", rules.name),
        text: text.clone(),
        precedence: Some("bulk"),
        list_id: Some(format!(
            "{} digest <digest.{}>",
            rules.name.replace(['<', '>', '"', '\\'], " "),
            rules.domain()
        )),
        ..Draft::plain(
            rules,
            LetterKind::Summary,
            to,
            if lines.len() == 1 { "1 notice".into() } else { format!("{} notices in one", lines.len()) },
            &text,
        )
    };
    builder.queue(draft, None);
}
