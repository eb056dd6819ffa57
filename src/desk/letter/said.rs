//! A message of a ticket as a letter to staff shows it.

use crate::desk::model::query::MESSAGE_CHARS_MAX;
use crate::desk::model::{Kind, Said};
use crate::desk::rules::Rules;
use crate::desk::text::dates;
use crate::desk::text::display_name::Names;

/// As a letter to staff shows it.
pub fn show_message(said: &Said, rules: &Rules, names: &Names) -> String {
    let who = match (said.name.as_str(), said.address.as_str()) {
        ("", "") => rules.name.clone(),
        (name, "") => name.to_owned(),
        (name, address) => names.to_staff(name, address),
    };
    let mark = match said.kind {
        Kind::Note => "NOTE, unseen by the customer",
        Kind::System => "the desk",
        Kind::Staff if said.private => "staff, to the requester alone",
        Kind::Staff => "staff",
        Kind::Customer if !said.shown => "not shown to customers",
        Kind::Customer if !said.verified.proven() => "customer, unproven",
        Kind::Customer => "customer",
    };
    let mut out = format!("* {} ({mark})\n  {who}\n\n", dates::short_time(rules, said.created_at));
    // T108: no magic link, not even one that somebody wrote into a mail.
    let link = format!("{}/login/", rules.url);
    for line in said.text.trim_end().lines() {
        let line = if line.contains(&link) { "[a link to sign in was here]" } else { line };
        out.push_str(&format!("{line}\n"));
    }
    if said.cut {
        out.push_str(&format!("[cut after {MESSAGE_CHARS_MAX} characters]\n"));
    }
    for file in &said.files {
        out.push_str(&format!("File: {file}\n"));
    }
    out
}
