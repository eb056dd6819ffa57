//! A mail address as an argument.

use crate::mail::AddrSpec;

/// Reads an argument that must be a mail address.
pub(super) fn address(text: &str) -> Result<AddrSpec, String> {
    AddrSpec::parse(text).ok_or_else(|| format!("{text} is no mail address"))
}
