//! What mail clients put before a subject (RFC 5322 §3.6.5, RFC 5256 §2.1), in the languages that they speak.

/// What stands before the colon of an answered subject, in lower case.
const ANSWERS: [&str; 31] = [
    "re",
    "aw",
    "antw",
    "antwort",
    "sv",
    "vs",
    "ref",
    "rif",
    "res",
    "r",
    "odp",
    "ynt",
    "yan",
    "vá",
    "atb",
    "bls",
    "σχετ",
    "απ",
    "答复",
    "回复",
    "回覆",
    "回復",
    "答覆",
    "返信",
    "회신",
    "답장",
    "ответ",
    "отг",
    "відповідь",
    "תגובה",
    "رد",
];

/// What stands before the colon of a forwarded subject, in lower case.
const FORWARDS: [&str; 13] =
    ["vl", "fwd", "fw", "wg", "tr", "rv", "enc", "i", "továbbítás", "转发", "轉寄", "轉發", "転送"];

/// Is a word the mark of an answer, such as `Re`? It stands before the colon and the count.
pub fn is_answer_mark(word: &str) -> bool {
    ANSWERS.contains(&word.to_lowercase().as_str())
}

/// Is a word the mark of an answer or of a forwarded mail, such as `Fwd`?
pub fn is_mark(word: &str) -> bool {
    FORWARDS.contains(&word.to_lowercase().as_str()) || is_answer_mark(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T117: only what is surely an answer is folded; a forwarded mail is a first one.
    #[test]
    fn t117_a_forwarded_subject_is_no_answer() {
        for answer in ["Re", "AW", "SV", "回復", "ΑΠ"] {
            assert!(is_answer_mark(answer) && is_mark(answer), "{answer}");
        }
        for forward in ["Fwd", "WG", "RV", "TR", "転送"] {
            assert!(!is_answer_mark(forward) && is_mark(forward), "{forward}");
        }
        for word in ["Ha", "Printer", ""] {
            assert!(!is_mark(word), "{word}");
        }
    }
}
