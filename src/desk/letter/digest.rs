//! D: the daily digest to staff. Counts and numbers of tickets, no words of anybody; an answer to it is
//! quarantined.

use crate::desk::builder::decision::Builder;
use crate::desk::builder::draft::Draft;
use crate::desk::model::{LetterKind, Morning, Person};
use crate::desk::rules::Rules;
use crate::desk::seal;
use crate::desk::text::dates;

/// Numbers of tickets that one line names.
const NAMED_MAX: usize = 20;

/// How the subject begins with which a mail client leaves the digest where the desk has no subaddresses.
pub const UNSUBSCRIBE: &str = "unsubscribe ";

/// What one person is told: how many, and in which tickets.
#[derive(Debug, Default)]
pub struct DigestCounts {
    /// By kind, in the order of `What`.
    pub counts: [i64; 3],
    /// Their numbers by kind, each once.
    pub tickets: [Vec<i64>; 3],
}

/// `told: None`: the person gets single notices, and this letter because something waits.
pub fn queue(builder: &mut Builder<'_>, to: &Person, morning: &Morning, told: Option<&DigestCounts>) {
    let rules = builder.rules;
    let mut text = String::new();
    let rows = told.map(|t| {
        ["New tickets", "Messages of customers", "Notes"].into_iter().zip(t.counts.iter().zip(&t.tickets))
    });
    let rows: Vec<String> = rows
        .into_iter()
        .flatten()
        .filter(|(_, (n, _))| **n > 0)
        .map(|(what, (n, tickets))| format!("{what}: {n} ({})", tokens_of(rules, tickets)))
        .collect();
    if !rows.is_empty() {
        text.push_str(&format!(
            "Since {}:\n\n{}\n\n",
            dates::full_time(rules, morning.since),
            rows.join("\n")
        ));
    }
    if morning.held > 0 || morning.failed > 0 || !morning.overdue.is_empty() {
        text.push_str("Not to be forgotten:\n\n");
        if morning.held > 0 {
            text.push_str(&format!("Held mails: {}\n", morning.held));
        }
        if morning.failed > 0 {
            text.push_str(&format!("Letters that could not be delivered: {}\n", morning.failed));
        }
        if !morning.overdue.is_empty() {
            let more = if morning.overdue.len() >= rules.bounds.digest_overdue_max { " or more" } else { "" };
            text.push_str(&format!(
                "Overdue tickets: {}{more} ({})\n",
                morning.overdue.len(),
                tokens_of(rules, &morning.overdue)
            ));
        }
        text.push('\n');
    }
    let id = seal::leave_id(&rules.keys, to.id);
    let page = format!("{}/unsubscribe/{id}", rules.url);
    text.push_str(&format!("Sign in to look at them:\n{}/login\n\n-- \n{}\n", rules.url, rules.name));
    text.push_str(&match told {
        Some(_) => {
            format!("This letter comes once a day instead of single notices. To get those again:\n{page}\n")
        }
        None => "This letter comes to all staff on days on which something is held, failed or overdue.\n"
            .to_owned(),
    });
    let mail = match rules.plus_addressing {
        true => format!(
            "mailto:{}?subject=unsubscribe",
            seal::with_tag(&rules.address, rules.separator, &format!("u{id}"))
        ),
        false => format!("mailto:{}?subject={}{id}", rules.address, UNSUBSCRIBE.replace(' ', "%20")),
    };
    let draft = Draft {
        from_name: format!("{} digest", rules.name),
        precedence: Some("bulk"),
        list_id: Some(format!("<digest.{}>", rules.domain())),
        ..Draft::plain(rules, LetterKind::Digest, to, "Daily digest", &text)
    };
    builder.queue_with_unsubscribe(draft, [page, mail]);
}

fn tokens_of(rules: &Rules, numbers: &[i64]) -> String {
    let mut all: Vec<String> = numbers.iter().take(NAMED_MAX).map(|n| rules.token(*n)).collect();
    if numbers.len() > NAMED_MAX {
        all.push(format!("and {} more", numbers.len() - NAMED_MAX));
    }
    all.join(", ")
}
