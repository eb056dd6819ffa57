//! Threats that no test bears the name of so far, and what is missing. A threat with neither a test nor a
//! line here fails the house test; a line goes as soon as the test stands.

/// The highest number of the list of threats.
pub const LAST: u32 = 122;

/// A number of the list of threats, and why no test bears its name.
pub const OPEN_THREATS: [(u32, &str); 26] = [
    (68, "signing in leads nowhere that a request names"),
    (73, "no form asks for Turnstile"),
    (82, "the round trip of a backup has no test of this name"),
    (83, "no run at the level trace looks for secrets in all logs"),
    (85, "nothing measures the unit of systemd"),
    (87, "no test puts SQL into every field"),
    (89, "there is no erasure"),
    (90, "there is no export"),
    (91, "no test prints hostile words on a terminal"),
    (92, "no command verifies the chain of the audit log"),
    (99, "there is no OAuth"),
    (101, "nothing plants an advisory"),
    (102, "no test reads the versions of crates"),
    (109, "UIDs that go back"),
    (110, "a mail that the server cannot hand out"),
    (111, "housekeeping that a server refuses"),
    (112, "a library that panics"),
    (113, "a relay that refuses for reasons of its own"),
    (114, "a letter that leaves twice"),
    (115, "one mail that is multiplied by its readers"),
    (117, "words of a first mail that are folded away"),
    (118, "a note below a banner"),
    (119, "files that a mail client adds"),
    (120, "senders that look odd"),
    (121, "a command that only looks"),
    (122, "costs that grow faster than the input"),
];

/// Whether a source has a function that bears the number of a threat: `t07_names`, `t52_t53_content`.
pub fn names(source: &str, number: u32) -> bool {
    let number = format!("t{number:02}");
    let functions = source.split("fn ").skip(1);
    let mut names = functions.map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next());
    names.any(|name| name.unwrap_or_default().split('_').any(|part| part == number))
}
