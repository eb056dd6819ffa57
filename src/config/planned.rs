//! The sections whose features are still to come. They are checked like the others, so that a file that is
//! accepted today is also accepted later; each key brings a warning that it has no effect yet.

use super::desk::{WEB, web_url};
use super::reader::Reader;
use super::secret::{SECRET, is_given, secret};
use super::servers::smtp;
use crate::mail::AddrSpec;

/// Reads `[turnstile]`, `[policy]`, `[backup]` and `[alarm]`, and keeps nothing of them.
pub(super) fn check(root: &Reader) {
    turnstile(&root.table("turnstile"));
    policy(&root.table("policy"));
    backup(&root.table("backup"));
    alarm(&root.table("alarm"));
}

fn turnstile(s: &Reader) {
    s.text("site_key");
    secret(s, SECRET);
    s.parsed("verify_url", WEB, web_url);
    match (s.has("site_key"), is_given(s, SECRET)) {
        (true, false) => s.wrong(
            "secret_file",
            "is missing beside \"site_key\"; write the name of a file that holds the secret alone, or remove \
             both",
        ),
        (false, true) => s.wrong("site_key", "is missing beside the secret; write both or none"),
        _ => {}
    }
    s.warn_unused("site_key", true);
    s.warn_unused("verify_url", !s.has("site_key"));
    s.done();
}

fn policy(s: &Reader) {
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
    s.warn_unused("template", true);
    s.warn_unused("terms", true);
    s.warn_unused("answer_days", days != 30);
    s.warn_unused("providers", !providers.is_empty());
    s.done();
}

fn backup(s: &Reader) {
    s.path("dir");
    let kept = [("daily", 7), ("weekly", 4), ("monthly", 12)];
    for (key, default) in kept {
        let got = s.number(key, 0..=1_000);
        s.warn_unused(key, got != Some(default));
    }
    s.parsed("recipient", "a public key that begins with age1", |t| {
        let fine = t.starts_with("age1") && t.len() > 50 && t.bytes().all(|b| b.is_ascii_alphanumeric());
        fine.then_some(())
    });
    s.warn_unused("dir", true);
    s.warn_unused("recipient", true);
    s.done();
}

fn alarm(s: &Reader) {
    let command =
        s.list("command", "texts in quotes: the program, then its arguments", |t| Some(t.to_owned()));
    let to = s.list("to", "addresses such as \"ops@example.com\"", AddrSpec::parse);
    let second = s.table("smtp");
    if second.is_there() {
        smtp(&second);
    }
    s.warn_unused("command", !command.is_empty());
    s.warn_unused("to", !to.is_empty());
    s.warn_unused("smtp", true);
    s.done();
}
