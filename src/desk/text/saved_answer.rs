//! Saved answers (`#answer NAME`): their names, and their Markdown as a customer reads it in plain text.

use crate::desk::model::CommandFault;
use crate::desk::rules::Rules;

/// Names that are listed where one is not known.
const LISTED_MAX: usize = 12;

/// The name of a saved answer: letters, digits, `-` and `_`, at most 60 of them, in lower case. Never a path.
pub fn valid_name(text: &str) -> Option<String> {
    let fine = (1..=60).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    fine.then(|| text.to_ascii_lowercase())
}

/// The name of an answer that there is; else which there are, the nearest first.
pub fn find_name(argument: &str, rules: &Rules) -> Result<String, CommandFault> {
    if rules.answers.is_empty() {
        return Err(CommandFault::NoSavedAnswers);
    }
    let asked = valid_name(argument).unwrap_or_default();
    if rules.answers.contains_key(&asked) {
        return Ok(asked);
    }
    let common = |known: &str| known.bytes().zip(asked.bytes()).take_while(|(a, b)| a == b).count();
    let mut near: Vec<String> = rules.answers.keys().cloned().collect();
    near.sort_by_key(|n| std::cmp::Reverse(common(n)));
    let more = near.len() > LISTED_MAX;
    near.truncate(LISTED_MAX);
    Err(CommandFault::NoSavedAnswer { asked: argument.to_owned(), near, more })
}

/// Markdown as plain text that reads well: without comments, marks of headings and emphasis, fences; links
/// with their address.
pub fn to_plain_text(markdown: &str) -> String {
    let text = without_comments(markdown.trim_start_matches('\u{feff}'));
    let mut out: Vec<String> = Vec::new();
    let mut code = false;
    for line in without_front_matter(&text).lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
            continue;
        }
        out.push(if code { line.to_owned() } else { plain_line(line) });
    }
    let text = out.join("\n");
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect::<String>().trim().to_owned()
}

fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        out.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, behind)| behind);
    }
    out.push_str(rest);
    out
}

/// A block between two lines of `---` at the very top is for programs.
fn without_front_matter(text: &str) -> &str {
    let inside = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n"));
    inside
        .and_then(|t| t.split_once("\n---"))
        .and_then(|(_, rest)| rest.split_once('\n'))
        .map_or(text, |(_, rest)| rest)
}

/// One line outside of code.
fn plain_line(line: &str) -> String {
    let line = line.trim_end().trim_end_matches('\\');
    let heading = line.trim_start_matches('#');
    let line = if heading.starts_with(' ') { heading.trim().trim_end_matches('#').trim_end() } else { line };
    links_as_text(&line.replace("**", "").replace("__", ""))
}

/// `[text](address)` becomes `text (address)`, `<address>` the address alone.
fn links_as_text(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['[', '<']) {
        let (before, here) = rest.split_at(at);
        out.push_str(before.strip_suffix('!').filter(|_| here.starts_with('[')).unwrap_or(before));
        let link = here.strip_prefix('[').and_then(|h| h.split_once("](")).and_then(|(text, behind)| {
            let (address, rest) = behind.split_once(')')?;
            (!text.contains(['[', ']'])).then_some((text, address, rest))
        });
        let bare = here
            .strip_prefix('<')
            .and_then(|h| h.split_once('>'))
            .filter(|(a, _)| a.contains("://") || a.contains('@'));
        match (link, bare) {
            (Some((text, address, behind)), _) => {
                let shown = if text == address { address.to_owned() } else { format!("{text} ({address})") };
                out.push_str(&shown);
                rest = behind;
            }
            (None, Some((address, behind))) => {
                out.push_str(address);
                rest = behind;
            }
            (None, None) => {
                out.push_str(&here[..1]);
                rest = &here[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_reads_as_plain_text() {
        let check =
            |markdown: &str, wanted: &str| assert_eq!(to_plain_text(markdown), wanted, "{markdown:?}");
        check("# Reset a password\n\nPress **Forgot** there.\n", "Reset a password\n\nPress Forgot there.");
        check("See [our guide](https://x.example/a).", "See our guide (https://x.example/a).");
        check(
            "<https://x.example> or <help@x.example>, 1 < 2 [a] b",
            "https://x.example or help@x.example, 1 < 2 [a] b",
        );
        check("---\ntitle: x\n---\nWords<!-- for\nus --> here", "Words here");
        check("- a\n- b\n\n```\n# ls **\n```\n#5 is text", "- a\n- b\n\n# ls **\n#5 is text");
        check("![a picture](x.png)", "a picture (x.png)");
    }

    #[test]
    fn a_name_is_never_a_path() {
        assert_eq!(valid_name("Reset-1_a").as_deref(), Some("reset-1_a"));
        let long = "a".repeat(61);
        for text in ["", "../x", "a/b", "a\\b", "a.md", ".", "a b", "\u{e4}", "a\0", long.as_str()] {
            assert_eq!(valid_name(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest() {
        let mut rules = crate::desk::testing::rules();
        assert!(find_name("reset", &rules).expect_err("none").to_string().contains("no saved answers"));
        for n in ["hours", "refund", "reset-password"] {
            rules.answers.insert(n.into(), "x".into());
        }
        assert_eq!(find_name("Refund", &rules), Ok("refund".to_owned()));
        let why = find_name("reset", &rules).expect_err("not there").to_string();
        assert!(why.ends_with("there are: reset-password, refund, hours"), "{why}");
        assert!(find_name("../refund", &rules).is_err());
    }
}
