//! `[desk] answers`: a folder of saved answers, read once at the start.

use super::reader::Reader;
use crate::desk::text::saved_answer;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The most bytes of one answer, and the most answers of a folder.
const BYTES_MAX: u64 = 64 * 1024;
const FILES_MAX: usize = 500;

/// Reads every `NAME.md` of the folder and leaves other files alone. A file that cannot be used is a warning;
/// a folder that cannot be read is a fault.
pub(super) fn answers(s: &Reader) -> BTreeMap<String, String> {
    const KEY: &str = "answers";
    let mut out = BTreeMap::new();
    let Some(folder) = s.path(KEY) else { return out };
    let names = match names(&folder) {
        Ok(names) => names,
        Err(e) => {
            s.wrong(KEY, format_args!("names {}, which cannot be read as a folder: {e}", folder.display()));
            return out;
        }
    };
    for stem in names {
        let path = folder.join(format!("{stem}.md"));
        let skipped = |why: &str| s.warn_at(KEY, &format!("leaves {} out: {why}", path.display()));
        match saved_answer::valid_name(&stem) {
            None => skipped("a name is made of 1 to 60 letters, digits, - and _"),
            Some(name) if out.contains_key(&name) => {
                skipped("the same name in other letters is there already")
            }
            Some(_) if out.len() == FILES_MAX => skipped("there are 500 answers already"),
            Some(name) => match text(&path) {
                Ok(text) => drop(out.insert(name, text)),
                Err(why) => skipped(&why),
            },
        }
    }
    out
}

/// The names of all files that end with `.md`, without that end, in order.
fn names(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        out.extend(name.strip_suffix(".md").map(str::to_owned));
    }
    out.sort();
    Ok(out)
}

fn text(path: &Path) -> Result<String, String> {
    let size = fs::metadata(path).map_err(|e| e.to_string())?.len();
    if size > BYTES_MAX {
        return Err("it is larger than 64 KiB".into());
    }
    let text = fs::read_to_string(path).map_err(|e| e.to_string())?;
    if text.trim().is_empty() { Err("it is empty".into()) } else { Ok(text) }
}
