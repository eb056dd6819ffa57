//! What today's rules make of a mail that was taken in with older ones (`maildesk replay`). It decides nothing anew.

use super::{Kind, Rules, Verified, command, mailed};
use crate::mail::{Inbound, Words};

/// The words of a kept mail as its message holds them: lines that were obeyed as commands are not among them.
///
/// `None`: a message of this kind stays as it is. What staff answered went out in these words, and the customer has them so.
pub fn words(rules: &Rules, mail: &Inbound, kind: Kind, verified: Verified, automatic: bool) -> Option<Words> {
    let whole = &mail.words;
    let text = match kind {
        Kind::Staff => return None,
        Kind::Note => command::read(&whole.text, rules).words,
        Kind::Customer if !automatic => mailed::customer_orders(&whole.text, verified.proven(), rules).1,
        Kind::Customer | Kind::System => whole.text.clone(),
    };
    Some(Words { text, ..whole.clone() })
}
