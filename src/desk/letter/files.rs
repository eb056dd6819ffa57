//! The files of a mail on their way into a letter.

use crate::desk::model::Mailed;
use crate::mail::{Line, OutFile, parse};
use std::borrow::Cow;

/// The files of the mail in hand: those that fit, and the names of the others.
pub fn files_that_fit(mailed: &Mailed<'_>, bytes_max: u64) -> (Vec<OutFile>, Vec<String>) {
    let (mut files, mut left_out, mut room) = (Vec::new(), Vec::new(), bytes_max);
    let some_fit = mailed.mail.attachments.iter().any(|a| a.size <= room);
    let raw = if some_fit { mailed.raw.bytes() } else { Cow::default() };
    for a in &mailed.mail.attachments {
        let fits = a.size <= room;
        match fits.then(|| parse::attachment(&raw, a.part)).flatten() {
            Some(data) => {
                room -= a.size;
                files.push(OutFile {
                    filename: Line::clean(&a.name()),
                    media_type: a.media_type.clone(),
                    data,
                    content_id: None,
                });
            }
            None => left_out.push(format!(
                "{} ({})",
                Line::clean(&a.name()).as_str(),
                crate::mail::shown_size(a.size)
            )),
        }
    }
    (files, left_out)
}

/// Files that go to customers: attachments, and inline images that the words show (T72: none of signature and
/// quotation).
pub fn shown_files(mailed: &Mailed<'_>, words: &str, files: Vec<OutFile>) -> Vec<OutFile> {
    let shown = |name: &str| {
        mailed.mail.attachments.iter().find(|a| a.name() == name).is_none_or(|a| {
            let by_id = a.content_id.as_ref().is_some_and(|id| words.contains(id.as_str()));
            !a.inline || by_id || words.contains(name)
        })
    };
    files.into_iter().filter(|f| shown(f.filename.as_str())).collect()
}
