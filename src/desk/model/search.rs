//! Searches for words: how they are asked, and what the store finds.

/// Letters that must stand before a `*`: with fewer nearly every message has such a word (T122).
const STAR_LETTERS_MIN: usize = 2;

/// Stands a `*` at the end of a word that begins with too few letters?
pub fn star_is_early(word: &str) -> bool {
    let Some(bare) = word.strip_suffix('*') else { return false };
    // Letters and digits are one word of the index; what stands before a hyphen is another.
    let accent = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    let last = bare.chars().rev().filter(|c| !accent(c)).take_while(|c| c.is_alphanumeric());
    last.count() < STAR_LETTERS_MIN
}

/// What a search found before the transaction of its mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hits {
    /// Numbers of tickets, that with the newest such message first.
    pub tickets: Vec<i64>,
    /// There may be more: the search ended where it had enough, or cost too much.
    pub more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_letters_stand_before_a_star() {
        for early in ["*", "w*", "a-b*", "pri-*", "é*", "e\u{301}*", "..*"] {
            assert!(star_is_early(early), "{early}");
        }
        for fine in ["w", "wo*", "a-bc*", "日本*", "co\u{308}*", "42*", "*wo"] {
            assert!(!star_is_early(fine), "{fine}");
        }
    }
}
