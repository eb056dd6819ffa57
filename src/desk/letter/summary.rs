//! Notices that were held back, in one letter (T18, T29, T31).

use crate::desk::builder::decision::Builder;
use crate::desk::builder::draft::Draft;
use crate::desk::model::{LetterKind, Person};

/// Notices that one summary names.
const LINES_MAX: usize = 200;

/// `lines`: one a ticket, newest last. `more`: notices beside those, which are only counted.
pub fn queue(builder: &mut Builder<'_>, to: &Person, lines: &[String], more: usize) {
    let rules = builder.rules;
    let shown = lines.iter().take(LINES_MAX).cloned().collect::<Vec<_>>().join("\n");
    let (all, shown_max) = (lines.len() + more, lines.len().min(LINES_MAX));
    let more = if all > shown_max { format!("\nand {} more", all - shown_max) } else { String::new() };
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
            if all == 1 { "1 notice".into() } else { format!("{all} notices in one") },
            &text,
        )
    };
    builder.queue(draft, None);
}
