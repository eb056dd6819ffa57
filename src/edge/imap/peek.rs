//! A look at what comes into a folder, with EXAMINE: nothing is flagged, moved or taken in.

use super::session::Imap;
use crate::config::{MailSource, MailboxConfig};

/// Larger mails are passed over.
const BYTES_MAX: u64 = 256 << 10;

/// An open folder, and from which UID on its mails are new.
pub struct Peek {
    imap: Imap,
    folder: String,
    next: u32,
}

impl Peek {
    /// Opens the folder of a mailbox; what lies in it now is not new. `None`: it is a Maildir.
    pub async fn open(mailbox: &MailboxConfig) -> Result<Option<Self>, String> {
        let MailSource::Imap { server, login, folder, .. } = &mailbox.source else { return Ok(None) };
        let mut imap = Imap::open(server, login, 1 << 20).await?;
        let selected = imap.select("EXAMINE", folder).await?;
        Ok(Some(Self { imap, folder: folder.clone(), next: selected.uid_next }))
    }

    /// The mails that came since the last look.
    pub async fn new_mails(&mut self) -> Result<Vec<Vec<u8>>, String> {
        self.imap.select("EXAMINE", &self.folder).await?;
        let mut listed = self.imap.list(&format!("{}:*", self.next)).await?;
        listed.retain(|l| l.uid >= self.next);
        let mut out = Vec::new();
        for mail in listed {
            if mail.size <= BYTES_MAX {
                out.extend(self.imap.fetch(&[mail.uid], None).await?.into_iter().map(|(_, raw)| raw));
            }
            self.next = mail.uid.saturating_add(1);
        }
        Ok(out)
    }
}

/// For `audit`: UIDVALIDITY and all UIDs of the folder, without touching anything.
pub async fn uids(mailbox: &MailboxConfig) -> Result<(u32, Vec<u32>), String> {
    let MailSource::Imap { server, login, folder, .. } = &mailbox.source else { return Ok((0, Vec::new())) };
    let mut imap = Imap::open(server, login, 1 << 20).await?;
    let selected = imap.select("EXAMINE", folder).await?;
    let listed = if selected.exists == 0 { Vec::new() } else { imap.list("1:*").await? };
    imap.logout().await;
    Ok((selected.uid_validity, listed.into_iter().map(|l| l.uid).collect()))
}

/// For `check`: what the server can do.
pub async fn probe(mailbox: &MailboxConfig) -> Result<String, String> {
    let MailSource::Imap { server, login, folder, done, .. } = &mailbox.source else {
        return Ok("a Maildir".into());
    };
    let mut imap = Imap::open(server, login, 1 << 20).await?;
    let selected = imap.select("EXAMINE", folder).await?;
    let wake = if imap.can_idle { "IDLE" } else { "polling, the server has no IDLE" };
    let way = match (done, imap.can_move) {
        (None, _) => "taken-in mail is flagged",
        (Some(_), true) => "taken-in mail is moved",
        (Some(_), false) => "taken-in mail is copied and expunged",
    };
    let text = format!("{}:{} opens, {} mails, {wake}, {way}", server.host, server.port, selected.exists);
    imap.logout().await;
    Ok(text)
}
