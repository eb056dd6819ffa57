//! What mail clients add to a mail by themselves: signatures, cards, versions that few can read, reactions
//! (T119).

use super::inbound::Attachment;
use super::parts::Part;

/// The media types of such parts. Calendars and cards name their owner's own addresses.
const TYPES: [&str; 21] = [
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pkcs7-mime",
    "application/x-pkcs7-mime",
    "application/pgp-signature",
    "application/pgp-keys",
    "application/pgp-encrypted",
    "application/ms-tnef",
    "application/vnd.ms-tnef",
    "application/applefile",
    "application/ics",
    "application/vcard",
    "text/calendar",
    "text/x-vcalendar",
    "text/vcard",
    "text/x-vcard",
    "text/directory",
    "text/x-amp-html",
    "text/watch-html",
    "text/rfc822-headers",
    REACTION,
];

/// Their names, where the type says nothing; in lower case.
const NAMES: [&str; 6] =
    ["winmail.dat", "win.dat", "smime.p7s", "smime.p7m", "signature.asc", "openpgp_signature"];

/// And the ends of their names.
const ENDS: [&str; 5] = [".p7s", ".p7m", ".vcf", ".ics", ".vcs"];

/// What Gmail sends beside the smiley.
const REACTION: &str = "text/vnd.google.email-reaction+json";

/// What reactions say in words, in lower case.
const REACTED: [&str; 3] = ["reacted via gmail", "reacted to your message", "reacted to your email"];

/// A reaction says no more than its smiley and its line; characters.
const REACTION_CHARS_MAX: usize = 200;

/// Nobody attached this part. `version`: it stands among the versions of one text, or is the signature of a
/// signed mail.
pub(super) fn is_added(part: &Part, version: bool) -> bool {
    let name = part.name().unwrap_or("").trim().to_lowercase();
    let by_name = NAMES.contains(&name.as_str()) || ENDS.iter().any(|end| name.ends_with(end));
    version || by_name || TYPES.contains(&part.kind.as_str()) || part.kind.contains("email-reaction")
}

/// The mail is a reaction, and no answer.
pub(super) fn is_reaction(files: &[Attachment], words: &str) -> bool {
    let short = words.chars().take(REACTION_CHARS_MAX + 1).count() <= REACTION_CHARS_MAX;
    // The line says who reacted, and nothing else stands beside it but the smiley.
    let says_so = || {
        let mut lines: Vec<&str> = words.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
        lines.retain(|l| l.contains(char::is_alphabetic));
        let lower = lines.first().map_or_else(String::new, |l| l.to_lowercase());
        let bare = lower.trim_end_matches(|c: char| !c.is_alphanumeric());
        lines.len() == 1 && REACTED.iter().any(|said| bare.ends_with(said) && bare.len() > said.len())
    };
    files.iter().any(|f| f.media_type.contains("email-reaction")) || (short && says_so())
}
