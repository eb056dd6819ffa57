//! Finds the known word that a person probably meant. Errors advise it; nothing is decided by it.

/// The known word with the smallest edit distance to `word`, and whether it is near enough to ask "did you
/// mean".
pub(super) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<(&'a str, bool)> {
    let best = known.iter().min_by_key(|k| distance(word, k))?;
    let allowed = (word.chars().count().max(best.chars().count()) / 3).max(1);
    Some((best, distance(word, best) <= allowed))
}

/// Levenshtein's distance, without regard to case; of its table one row is kept.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.chars().enumerate() {
            let change = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.chars().count()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found() {
        for (a, b, far) in [
            ("prefx", "prefix", 1),
            ("weeb", "web", 1),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("Port", "port", 0),
        ] {
            assert_eq!(distance(a, b), far, "{a} {b}");
        }
        let known = ["poll_seconds", "password", "port"];
        assert_eq!(nearest("pol_seconds", &known), Some(("poll_seconds", true)));
        assert_eq!(nearest("colour", &known), Some(("port", false)));
        assert_eq!(nearest("x", &[]), None);
    }
}
