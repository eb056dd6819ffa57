//! Encrypted mail (T48): the desk never decrypts. It is passed on whole or not at all, and never quoted.

use super::files;
use crate::desk::model::{LetterFile, MailFault, Mailed, Snapshot};
use crate::mail::{Inbound, Line, shown_size};

/// The name under which such a mail comes along with a notice.
const FILENAME: &str = "whole-mail.eml";

/// What a notice says of it.
pub const NOTICE: &str = "This mail is encrypted, or signed in a way that hides its words (PGP or S/MIME). \
                          The desk cannot read \
                          it; it comes along as whole-mail.eml, to be opened in a mail client.";

/// Why a mail of staff is not passed on; `None`: it is not encrypted.
pub fn refusal(mail: &Inbound) -> Option<MailFault> {
    mail.sealed().then_some(MailFault::Encrypted)
}

/// The words of a mail that a letter may quote.
pub fn quotable(mail: &Inbound) -> &str {
    if mail.sealed() { "(an encrypted or sealed mail)" } else { &mail.words.text }
}

/// The whole mail as a file; or its name, where it is too large.
pub fn whole_mail(known: &Snapshot, mailed: &Mailed<'_>, bytes_max: u64) -> (Vec<LetterFile>, Vec<String>) {
    let size = mailed.mail.size;
    if size > bytes_max {
        return (Vec::new(), vec![format!("{FILENAME} ({})", shown_size(size))]);
    }
    // Not message/rfc822: that may not be sent in base64 (RFC 2046 §5.2.1), and its bytes must not change on
    // the way.
    let (mail, filename) = (files::number_of(known, mailed), Line::clean(FILENAME));
    let file = LetterFile { mail, part: None, filename, media_type: "application/octet-stream".into() };
    (vec![file], Vec::new())
}

#[cfg(test)]
mod tests;
