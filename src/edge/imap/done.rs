//! What happens to a mail on the server after the commit: it is flagged, or moved to the folder `done`. None
//! of it stands before intake: a refusal is told and tried again later (T111).

use super::fault::Fault;
use super::response::Answer;
use super::session::Imap;
use super::syntax::{quoted, ranges};

/// Mails that are tried one by one where the server refuses many at once.
const SINGLY_MAX: usize = 20;
/// After so many refusals in a row the others wait, too.
const REFUSALS_MAX: usize = 3;

/// What became of an attempt to flag or move.
#[derive(Debug, Default)]
pub struct Settled {
    /// These are flagged or moved, or are no longer there.
    pub uids: Vec<u32>,
    /// The last refusal.
    pub refused: Option<Fault>,
    /// The last one that had its turn before the server refused too often.
    pub tried: Option<u32>,
    /// These were copied to `done` and could not be taken out of the folder.
    pub copied: Vec<u32>,
}

impl Settled {
    /// `stays`: they were copied, and why they could not be taken out.
    fn settled(&mut self, uids: &[u32], stays: Option<Fault>) {
        self.uids.extend(uids);
        if stays.is_some() {
            self.copied.extend(uids);
            self.refused = stays;
        }
    }
}

impl Imap {
    /// After the commit: \Seen, or the move to `done`. Err: the session ended.
    pub async fn settle(&mut self, uids: &[u32], done: Option<&str>) -> Result<Settled, Fault> {
        let mut out = Settled::default();
        match self.settle_set(uids, done).await {
            Ok(stays) => {
                out.settled(uids, stays);
                return Ok(out);
            }
            Err(fault) if fault.session_lives() => out.refused = Some(fault),
            Err(lost) => return Err(lost),
        }
        // One that is gone must not keep the others back.
        let there: Vec<u32> = match self.list(&ranges(uids)).await {
            Ok(listed) => listed.into_iter().map(|l| l.uid).collect(),
            Err(fault) if fault.session_lives() => return Ok(out),
            Err(lost) => return Err(lost),
        };
        out.uids = uids.iter().copied().filter(|uid| !there.contains(uid)).collect();
        // In the order in which they have their turn.
        let there: Vec<u32> = uids.iter().copied().filter(|uid| there.contains(uid)).collect();
        if out.uids.is_empty() && there.len() <= 1 {
            self.flag_anyway(&there, done).await?;
            return Ok(out);
        }
        out.refused = None;
        let mut refusals = 0;
        for uid in there.iter().take(SINGLY_MAX) {
            match self.settle_set(&[*uid], done).await {
                Ok(stays) => {
                    out.settled(&[*uid], stays);
                    refusals = 0;
                }
                Err(fault) if fault.session_lives() => {
                    out.refused = Some(fault);
                    out.tried = Some(*uid);
                    refusals += 1;
                    if refusals == REFUSALS_MAX {
                        break;
                    }
                }
                Err(lost) => return Err(lost),
            }
        }
        self.flag_anyway(&there, done).await?;
        Ok(out)
    }

    /// What cannot be moved is flagged at least, so that people see that it was taken in.
    async fn flag_anyway(&mut self, uids: &[u32], done: Option<&str>) -> Result<(), Fault> {
        if done.is_none() || uids.is_empty() {
            return Ok(());
        }
        match self.settle_set(uids, None).await {
            Err(lost) if !lost.session_lives() => Err(lost),
            _ => Ok(()),
        }
    }

    /// RFC 6851; else COPY, \Deleted and UID EXPUNGE (RFC 4315). Some: the copy is there, and why they could
    /// not be taken out of the folder. That must not make another copy.
    async fn settle_set(&mut self, uids: &[u32], done: Option<&str>) -> Result<Option<Fault>, Fault> {
        let set = ranges(uids);
        let Some(done) = done else {
            let flag = format!("UID STORE {set} +FLAGS.SILENT (\\Seen)");
            return self.exec(&flag, |_| {}).await.map(|_| None);
        };
        let folder = quoted(done).map_err(Fault::Setup)?;
        if self.can("MOVE") {
            return self.exec(&format!("UID MOVE {set} {folder}"), |_| {}).await.map(|_| None);
        }
        self.exec(&format!("UID COPY {set} {folder}"), |_| {}).await?;
        self.take_out(uids).await
    }

    /// Removes mails of which there is a copy. Some: the refusal.
    pub async fn take_out(&mut self, uids: &[u32]) -> Result<Option<Fault>, Fault> {
        let set = ranges(uids);
        let flag = format!("UID STORE {set} +FLAGS.SILENT (\\Seen \\Deleted)");
        for command in [Some(flag), self.can("UIDPLUS").then(|| format!("UID EXPUNGE {set}"))] {
            let Some(command) = command else { continue };
            match self.exec(&command, |_| {}).await {
                Err(fault) if fault.session_lives() => return Ok(Some(fault)),
                other => drop(other?),
            }
        }
        Ok(None)
    }

    /// The folder for taken-in mail as the server names it, made where it is missing. A server that has all
    /// folders below a prefix, such as `INBOX.`, gets it there (RFC 2342).
    pub async fn make_folder(&mut self, folder: &str) -> Result<String, Fault> {
        let refused = match self.find_or_make(folder).await {
            Ok(()) => return Ok(folder.to_owned()),
            Err(fault) if fault.session_lives() => fault,
            Err(lost) => return Err(lost),
        };
        let Some(below) = self.below_namespace(folder).await? else { return Err(refused) };
        match self.find_or_make(&below).await {
            Ok(()) => Ok(below),
            Err(fault) if fault.session_lives() => Err(refused),
            Err(lost) => Err(lost),
        }
    }

    /// The name of a folder with the prefix of the personal namespace; `None`: there is no other name.
    async fn below_namespace(&mut self, folder: &str) -> Result<Option<String>, Fault> {
        let mut found = None;
        let asked = self.exec("NAMESPACE", |answer| {
            if let Answer::Namespace(prefix, separator) = answer {
                found = Some((prefix, separator));
            }
        });
        match asked.await {
            Err(lost) if !lost.session_lives() => return Err(lost),
            _ => {}
        }
        let Some((prefix, separator)) = found.filter(|(prefix, _)| !folder.starts_with(prefix)) else {
            return Ok(None);
        };
        let name = if separator.is_empty() { folder.to_owned() } else { folder.replace('/', &separator) };
        Ok(Some(format!("{prefix}{name}")))
    }

    async fn find_or_make(&mut self, folder: &str) -> Result<(), Fault> {
        let name = quoted(folder).map_err(Fault::Setup)?;
        if self.is_there(&name).await? {
            return Ok(());
        }
        match self.exec(&format!("CREATE {name}"), |_| {}).await {
            Ok(_) => Ok(()),
            // Somebody else made it, or LIST did not show it.
            Err(fault) if fault.session_lives() && self.is_there(&name).await? => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    async fn is_there(&mut self, name: &str) -> Result<bool, Fault> {
        let mut there = false;
        match self.exec(&format!("LIST \"\" {name}"), |a| there |= a == Answer::Folder).await {
            Err(lost) if !lost.session_lives() => Err(lost),
            _ => Ok(there),
        }
    }
}
