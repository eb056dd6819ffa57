//! What today's rules make of a mail that was taken in with older ones (`maildesk replay`). It decides
//! nothing anew.

use super::{Kind, Rules, Verified, command, mailed};
use crate::mail::{Inbound, Words};

/// What staff answered went out in its words, and the customer has them so: it stays as it is.
pub fn stays(kind: Kind) -> bool {
    kind == Kind::Staff
}

/// The words of a kept mail as its message holds them: lines that were obeyed as commands are not among them.
pub fn words(rules: &Rules, mail: &Inbound, kind: Kind, verified: Verified, automatic: bool) -> Words {
    let whole = &mail.words;
    let text = match kind {
        Kind::Staff | Kind::Note => command::read(&whole.text, rules).text(),
        Kind::Customer if !automatic => mailed::customer_orders(&whole.text, verified.proven(), rules).1,
        Kind::Customer | Kind::System => whole.text.clone(),
    };
    Words { text, ..whole.clone() }
}
