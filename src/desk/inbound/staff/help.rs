//! The page that `#help` and the subject `help` mail: it fits a phone.

use crate::desk::letter::result::PHONE;
use crate::desk::order::command;
use crate::desk::text::layout;

/// What the subjects ask for: the part of the help page about them.
pub const HELP: &str = "A new mail with one of these as its\nsubject is answered by mail:\n\n\
list\n  new and open tickets that concern you\n\
mine\n  what is assigned to you\n\
show NUMBER\n  a ticket with all that was said\n\
search WORDS\n  tickets with these words; wor* finds\n  what begins so\n\
help\n  mails this page\n";

/// The page that `#help` mails: fits a phone.
pub fn page() -> String {
    let mut out = wrapped_line(
        "Commands stand on lines of their own at the top of your answer, words for the customer below:",
        0,
    );
    out.push('\n');
    for (word, arguments, what) in command::HELP {
        let head = format!("#{word} {arguments}");
        let line = format!("{}  {what}\n", head.trim_end());
        match line.chars().count() <= PHONE + 1 {
            true => out.push_str(&line),
            false => out.push_str(&format!("{}{}", wrapped_line(&head, 0), wrapped_line(what, 2))),
        }
    }
    out.push_str("#help  mails this page\n\n");
    out.push_str(&wrapped_line("DATE is written 2027-03-15. ##text begins a line with #.", 0));
    out.push('\n');
    out.push_str(HELP);
    out
}

/// Lines of at most [`PHONE`] columns, each with an indent.
fn wrapped_line(text: &str, indent: usize) -> String {
    layout::fill(text, PHONE, indent) + "\n"
}
