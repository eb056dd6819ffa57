//! `maildesk replay`: makes derived text anew, from where it stopped, and shows a bar.

use super::exit::Done;
use super::out;
use crate::app::Desk;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

/// Runs to its end.
pub fn run(desk: &Desk, as_json: bool) -> Done {
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos} of {len} messages, {eta} left") {
        bar.set_style(style);
    }
    let mut resumed = None;
    let done = desk.operator().replay(|at| {
        bar.set_length(at.all.into());
        bar.set_position(at.done.into());
        resumed.get_or_insert(at.done);
    })?;
    bar.finish_and_clear();
    let resumed = resumed.unwrap_or_default();
    if as_json {
        return out::json(&json!({"messages": done.all, "resumed_at": resumed, "changed": done.changed}));
    }
    if resumed > 0 {
        out::line(format!("went on after {resumed} of {} messages, where it had stopped", done.all))?;
    }
    out::line(format!(
        "{} messages are as today's rules read their mails; {} came out differently",
        done.all, done.changed
    ))
}
