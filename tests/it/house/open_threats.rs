//! Threats that no test bears the name of so far, and what is missing. A threat with neither a test nor a
//! line here fails the house test, and so does a line whose test stands.

/// The highest number of the list of threats.
pub const LAST: u32 = 122;

/// A number of the list of threats, and why no test bears its name.
pub const OPEN_THREATS: [(u32, &str); 5] = [
    (68, "signing in leads nowhere that a request names"),
    (73, "no form asks for Turnstile"),
    (89, "there is no erasure"),
    (90, "there is no export"),
    (99, "there is no OAuth"),
];

/// Whether a source has a function that bears the number of a threat: `t07_names`, `t52_t53_content`.
pub fn names(source: &str, number: u32) -> bool {
    let number = format!("t{number:02}");
    let functions = source.split("fn ").skip(1);
    let mut names = functions.map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next());
    names.any(|name| name.unwrap_or_default().split('_').any(|part| part == number))
}
