//! Whole desks in memory, with a clock that the tests move.

mod day;
mod gate;
mod odd;
mod secrets;
mod staff;

use super::testing::{MIDNIGHT, set_clock};
use super::{Claimed, Desk, Position, Sent, Taken};
use crate::config::StaffConfig;
use crate::desk::Own;
use crate::mail::AddrSpec;
use crate::store::Store;

fn address(text: &str) -> AddrSpec {
    AddrSpec::parse(text).unwrap_or_else(|| panic!("{text} is no address"))
}

/// A desk `support@DOMAIN` with this staff (name, address, alias).
fn desk(domain: &str, staff: &[(&str, &str, &str)]) -> Desk {
    let config = crate::config::nobodys();
    let store = Store::in_memory().expect("a store");
    let mut rules = super::rules(&config, &[7; 32], store.generation());
    rules.address = address(&format!("support@{domain}"));
    rules.own = Own { addresses: vec![(rules.address.clone(), '+')], everybody: false };
    rules.url = format!("https://{domain}");
    rules.plus_addressing = true;
    rules.plus_sender = true;
    rules.categories = vec!["Hardware".into(), "Software".into()];
    let desk = Desk::over(store, rules, &config, None);
    let row = |(name, at, alias): &(&str, &str, &str)| StaffConfig {
        name: (*name).to_owned(),
        address: address(at),
        aliases: vec![address(alias)],
        digest: false,
    };
    desk.staff_in_step(&staff.iter().map(row).collect::<Vec<_>>()).expect("staff");
    desk
}

/// A mail server hands a mail over; an empty `sender` is the null reverse-path.
fn take(desk: &Desk, raw: &str, sender: &str, recipient: &str) -> Taken {
    let sender = if sender.is_empty() { None } else { AddrSpec::parse(sender) };
    let position = Position::Stdin { recipient: Some(address(recipient)), sender: Some(sender) };
    let looked = desk.intake().look(raw.replace('\n', "\r\n").into_bytes(), position);
    desk.intake().take(std::slice::from_ref(&looked)).expect("taken").remove(0)
}

/// Everything that is due leaves, and is accepted.
fn sent(desk: &Desk) -> Vec<Claimed> {
    let letters = desk.outbox().claim(10_000).expect("claimed");
    for letter in &letters {
        desk.outbox().settle(letter.id, Sent::Accepted("250 2.0.0 taken".into())).expect("settled");
    }
    letters
}

/// Bytes as text, for what is looked for in them.
fn text(letter: &Claimed) -> String {
    String::from_utf8_lossy(&letter.bytes).replace("\r\n", "\n")
}

/// The unfolded value of a field.
fn field(raw: &str, name: &str) -> Option<String> {
    let head = raw.split("\n\n").next().unwrap_or(raw).replace("\n ", " ").replace("\n\t", " ");
    let start = format!("{}: ", name.to_ascii_lowercase());
    head.lines()
        .find(|l| l.to_ascii_lowercase().starts_with(&start))
        .map(|l| l[start.len()..].trim().to_owned())
}
