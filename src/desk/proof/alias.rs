//! What a relay calls a letter of ours, and what its reader proves by that name (D15, T14).

use crate::desk::model::LetterHit;
use crate::desk::rules::Rules;
use crate::mail::ses::SES_DOMAIN;
use crate::mail::{AddrSpec, MessageId};

/// What a relay names in angle brackets is an id where so many characters stand before its `@`.
const ID_LOCAL_CHARS_MIN: usize = 10;
/// An id that another one made proves who answers it only where so many letters and digits stand before its
/// `@`: 96 bits in hex, as in an id of ours (T14). A shorter one may be a number that anybody can guess.
const SECRET_ID_CHARS_MIN: usize = 24;

/// The id under which the relay says that it sends a letter, where that is another one (D15). SES names the
/// left half of its own; others name it in angle brackets. What can be guessed is no id: it would prove its
/// sender (T14).
pub fn renamed(rules: &Rules, words: &str, letter: &LetterHit) -> Option<MessageId> {
    let ses = |w: &&str| {
        w.len() >= 30
            && w.starts_with("01")
            && w.ends_with("-000000")
            && w.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if let Some(id) = words.split_whitespace().find(ses) {
        return MessageId::parse(&format!("{id}@{SES_DOMAIN}"));
    }
    let named = words.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(id, _)| id);
    let is_address = |id: &str| AddrSpec::parse(id).is_some_and(|a| a == letter.to || rules.own.contains(&a));
    let long = |id: &&str| {
        let local = id.split_once('@').map_or("", |(local, _)| local);
        local.len() >= ID_LOCAL_CHARS_MIN && local.bytes().any(|b| b.is_ascii_digit()) && !is_address(id)
    };
    // One in our own domain would be taken for ours.
    let told_apart = |id: &MessageId| !is_of(rules, id) || is_secret(id.as_str());
    named.filter(long).find_map(MessageId::parse).filter(told_apart)
}

/// Does an id of one of our letters prove that its reader got the letter (P2)? `id` is ours, or a name that a
/// relay gave it.
pub fn proves_reader(rules: &Rules, id: &MessageId) -> bool {
    is_of(rules, id) || is_secret(id.as_str())
}

fn is_of(rules: &Rules, id: &MessageId) -> bool {
    id.as_str().rsplit_once('@').is_some_and(|(_, domain)| domain.eq_ignore_ascii_case(rules.domain()))
}

fn is_secret(id: &str) -> bool {
    let local = id.split_once('@').map_or("", |(local, _)| local);
    local.bytes().filter(u8::is_ascii_alphanumeric).count() >= SECRET_ID_CHARS_MIN
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::testing::rules;

    #[test]
    fn t14_a_number_of_the_relay_proves_nothing() {
        let proves = |id: &str| proves_reader(&rules(), &MessageId::parse(id).expect("an id"));
        assert!(proves("letter1@desk.example"), "ours");
        assert!(proves("AM0PR04MB12345678ABCDEF0123456789@AM0PR04MB1234.eurprd04.prod.outlook.example"));
        assert!(proves("0100018c2f3a4b5c-1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d-000000@email.amazonses.com"));
        assert!(!proves("queue-id-0000123457@relay.example") && !proves("DB9PR08MB1@relay.example"));
    }
}
