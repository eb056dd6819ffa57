//! The files of a mail on their way into a letter. Their bytes stay in the kept mail until the letter is
//! sent.

use crate::desk::model::{LetterFile, Mailed, Snapshot};
use crate::mail::{Attachment, Line, shown_size};

/// The files of the mail in hand: those that fit, and the names of the others.
pub fn files_that_fit(
    known: &Snapshot,
    mailed: &Mailed<'_>,
    bytes_max: u64,
) -> (Vec<LetterFile>, Vec<String>) {
    split_by_room(known, mailed, mailed.mail.attachments.iter(), bytes_max)
}

/// Files that go with words of staff: what the writer attached, and pictures that the words show (T119); to
/// customers no mail goes (T72).
pub fn shown_files(
    known: &Snapshot,
    mailed: &Mailed<'_>,
    words: &str,
    (readers, bytes_max): (Readers, u64),
) -> Vec<LetterFile> {
    let shown = |a: &&Attachment| match readers {
        Readers::Customers => a.goes_out_with(words),
        Readers::Staff => a.belongs_to(words),
    };
    split_by_room(known, mailed, mailed.mail.attachments.iter().filter(shown), bytes_max).0
}

/// Files that their writer may have meant for customers, and that these do not get: their names, or empty.
pub fn left_out(mailed: &Mailed<'_>, words: &str) -> String {
    let missed = mailed.mail.attachments.iter().filter(|a| a.is_missed_in(words));
    missed.map(|a| Line::clean(&a.name()).as_str().to_owned()).collect::<Vec<_>>().join(", ")
}

/// Whom words reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// An answer.
    Customers,
    /// A note, or a ticket of staff.
    Staff,
}

/// The number under which a mail is kept: a new one gets the next.
pub fn number_of(known: &Snapshot, mailed: &Mailed<'_>) -> i64 {
    mailed.facts.released.as_ref().map_or(known.free.mail, |r| r.mail)
}

fn split_by_room<'a>(
    known: &Snapshot,
    mailed: &Mailed<'_>,
    all: impl Iterator<Item = &'a Attachment>,
    bytes_max: u64,
) -> (Vec<LetterFile>, Vec<String>) {
    let mail = number_of(known, mailed);
    let (mut files, mut left_out, mut room) = (Vec::new(), Vec::new(), bytes_max);
    for a in all {
        let filename = Line::clean(&a.name());
        if a.size <= room {
            room -= a.size;
            files.push(LetterFile { mail, part: Some(a.part), filename, media_type: a.media_type.clone() });
        } else {
            left_out.push(format!("{} ({})", filename.as_str(), shown_size(a.size)));
        }
    }
    (files, left_out)
}
