//! The expectations that we dispute, from the list that people read.

const README: &str = include_str!("../README.md");

/// The cases below `## Expectations we dispute: PURPOSE`, each a row that begins with its name in backquotes.
pub fn of(purpose: &str) -> Vec<&'static str> {
    let title = format!("## Expectations we dispute: {purpose}");
    let rows = README.lines().skip_while(|l| l.trim() != title).skip(1).take_while(|l| !l.starts_with("## "));
    rows.filter_map(|l| l.strip_prefix("- `")?.split_once('`')).map(|(name, _)| name).collect()
}
