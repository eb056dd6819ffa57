//! `[limits]`, `[retention]` and `[targets]`, and the sections whose features are still to come: these are
//! checked like the others, so that a file that is accepted today stays good, and warn that they have no
//! effect yet.

use super::desk::{WEB, ZONE, web_url, zone};
use super::secret::{SECRET, is_given, secret};
use super::section::Section;
use super::servers::smtp;
use super::{Limits, Retention};
use crate::desk::hours::Week;
use crate::desk::target::{Goal, Targets};
use crate::mail::AddrSpec;
use jiff::tz::TimeZone;
use std::net::SocketAddr;

pub(super) fn limits(s: &Section) -> Limits {
    let bytes = |key, default| s.number(key, 1_024..=1_073_741_824).unwrap_or(default);
    let count = |key, default| s.count(key, default, 1_000_000);
    let limits = Limits {
        mail_bytes_max: bytes("mail_bytes_max", 52_428_800),
        upload_bytes_max: bytes("upload_bytes_max", 26_214_400),
        letters_per_address_day: count("letters_per_address_day", 10),
        letters_per_domain_hour: count("letters_per_domain_hour", 200),
        letters_per_desk_hour: count("letters_per_desk_hour", 1_000),
        tickets_per_sender_hour: count("tickets_per_sender_hour", 30),
        links_per_address_quarter: count("links_per_address_quarter", 3),
        links_per_address_day: count("links_per_address_day", 10),
        links_per_network_quarter: count("links_per_network_quarter", 10),
        answers_per_staff_hour: count("answers_per_staff_hour", 20),
        reply_address_days: s.count("reply_address_days", 90, 36_500),
        reply_address_days_closed: s.count("reply_address_days_closed", 14, 36_500),
    };
    s.later("upload_bytes_max", limits.upload_bytes_max != 26_214_400);
    s.done();
    limits
}

pub(super) fn retention(s: &Section) -> Retention {
    let kept = Retention {
        tickets: s.days("tickets", None),
        sessions: s.count("sessions", 7, 365),
        raw_mail: s.days("raw_mail", None),
        access_log: s.days("access_log", Some(7)),
        persons: s.days("persons", None),
        audit_log: s.days("audit_log", None),
        mailbox: s.flag("mailbox").unwrap_or(false),
    };
    s.later("tickets", kept.tickets.is_some());
    s.later("raw_mail", kept.raw_mail.is_some());
    s.later("access_log", kept.access_log != Some(7));
    s.later("persons", kept.persons.is_some());
    s.later("audit_log", kept.audit_log.is_some());
    s.later("mailbox", kept.mailbox);
    s.done();
    kept
}

pub(super) fn dns(s: &Section) -> Option<SocketAddr> {
    let server = s.parsed("server", "an IP address with a port, as in \"127.0.0.1:53\"", |t| t.parse().ok());
    s.done();
    server
}

/// `[probe] every_minutes`; 0: only by hand.
pub(super) fn probe(s: &Section) -> u64 {
    let every = s.number("every_minutes", 0..=10_080).unwrap_or(0);
    s.done();
    every
}

/// Checks the sections that nothing reads yet.
pub(super) fn to_come(root: &Section) {
    turnstile(&root.table("turnstile"));
    policy(&root.table("policy"));
    backup(&root.table("backup"));
    alarm(&root.table("alarm"));
}

fn turnstile(s: &Section) {
    s.text("site_key");
    secret(s, SECRET);
    s.parsed("verify_url", WEB, web_url);
    match (s.has("site_key"), is_given(s, SECRET)) {
        (true, false) => s.wrong(
            "secret_file",
            "is missing beside \"site_key\"; write the name of a file that holds the secret alone, or remove both",
        ),
        (false, true) => s.wrong("site_key", "is missing beside the secret; write both or none"),
        _ => {}
    }
    s.later("site_key", true);
    s.later("verify_url", !s.has("site_key"));
    s.done();
}

fn policy(s: &Section) {
    s.path("template");
    s.path("terms");
    let days = s.count("answer_days", 30, 365);
    let providers = s.tables("providers");
    for provider in &providers {
        for key in ["name", "purpose", "data"] {
            provider.need(key, provider.text(key), "write name, purpose, data and url of each provider");
        }
        provider.parsed("url", WEB, web_url);
        provider.done();
    }
    s.later("template", true);
    s.later("terms", true);
    s.later("answer_days", days != 30);
    s.later("providers", !providers.is_empty());
    s.done();
}

fn backup(s: &Section) {
    s.path("dir");
    let kept = [("daily", 7), ("weekly", 4), ("monthly", 12)];
    for (key, default) in kept {
        let got = s.number(key, 0..=1_000);
        s.later(key, got != Some(default));
    }
    s.parsed("recipient", "a public key that begins with age1", |t| {
        let fine = t.starts_with("age1") && t.len() > 50 && t.bytes().all(|b| b.is_ascii_alphanumeric());
        fine.then_some(())
    });
    s.later("dir", true);
    s.later("recipient", true);
    s.done();
}

fn alarm(s: &Section) {
    let command =
        s.list("command", "texts in quotes: the program, then its arguments", |t| Some(t.to_owned()));
    let to = s.list("to", "addresses such as \"ops@example.com\"", AddrSpec::parse);
    let second = s.table("smtp");
    if second.is_there() {
        smtp(&second);
    }
    s.later("command", !command.is_empty());
    s.later("to", !to.is_empty());
    s.later("smtp", true);
    s.done();
}

/// `[targets]`. A `d` is a working day of the hours that are given.
pub(super) fn targets(s: &Section, desk_zone: &str) -> Targets {
    let zone = s.parsed("zone", ZONE, zone).unwrap_or_else(|| desk_zone.to_owned());
    let zone = TimeZone::get(&zone).unwrap_or(TimeZone::UTC);
    let mut targets = Targets::none(zone.clone());
    if let Some(text) = s.text("hours") {
        match Week::parse(&text, zone) {
            Ok(week) => (targets.mornings, targets.week) = (week.clone(), week),
            Err(why) => s.wrong("hours", why),
        }
    }
    for (at, key) in ["low", "normal", "high", "urgent"].into_iter().enumerate() {
        let table = s.table(key);
        let part = |part| {
            let text = table.text(part)?;
            targets.week.work(&text).map_err(|why| table.wrong(part, why)).ok()
        };
        let goal = Goal { answer: part("answer"), close: part("close") };
        if goal.answer.zip(goal.close).is_some_and(|(answer, close)| answer > close) {
            table
                .wrong("close", "is shorter than \"answer\"; the end comes no earlier than the first answer");
        }
        table.done();
        targets.goals[at] = goal;
    }
    s.done();
    targets
}
