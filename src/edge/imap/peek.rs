//! A look at what comes into a folder, with EXAMINE: nothing is flagged, moved or taken in.

use super::fetch::{Single, fetch_single};
use super::mailbox::Pace;
use super::session::Imap;
use crate::app::Said;
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
        let mut imap = Imap::open(server, login, 1 << 20, Pace::USUAL.silence).await?;
        let selected = imap.select("EXAMINE", folder).await?;
        Ok(Some(Self { imap, folder: folder.clone(), next: selected.uid_next.unwrap_or(1) }))
    }

    /// The mails that came since the last look.
    pub async fn new_mails(&mut self) -> Result<Vec<Vec<u8>>, String> {
        if self.imap.select("EXAMINE", &self.folder).await?.exists == Some(0) {
            return Ok(Vec::new());
        }
        let mut listed = self.imap.list(&format!("{}:*", self.next)).await?;
        listed.retain(|l| l.uid >= self.next);
        let mut out = Vec::new();
        for mail in listed {
            if mail.size.is_none_or(|size| size <= BYTES_MAX)
                && let Single::Mail(raw) = fetch_single(&mut self.imap, &mail, BYTES_MAX).await?
            {
                out.push(raw);
            }
            self.next = mail.uid.saturating_add(1);
        }
        Ok(out)
    }
}

/// What lies in a folder, for `audit`.
#[derive(Debug, Default)]
pub struct Folder {
    /// UIDVALIDITY.
    pub uid_validity: i64,
    /// UIDNEXT; `None`: the server does not say.
    pub uid_next: Option<u32>,
    /// All UIDs, with what the server says of the mails.
    pub mails: Vec<(u32, Said)>,
}

/// For `audit`: what lies in the folder, without touching anything.
pub async fn folder(mailbox: &MailboxConfig) -> Result<Folder, String> {
    let MailSource::Imap { server, login, folder, .. } = &mailbox.source else {
        return Ok(Folder::default());
    };
    let mut imap = Imap::open(server, login, 1 << 20, Pace::USUAL.silence).await?;
    let selected = imap.select("EXAMINE", folder).await?;
    let listed = if selected.exists == Some(0) { Vec::new() } else { imap.list("1:*").await? };
    imap.logout().await;
    let mails = listed.into_iter().map(|l| (l.uid, Said { size: l.size, date: l.date })).collect();
    Ok(Folder { uid_validity: selected.uid_validity, uid_next: selected.uid_next, mails })
}

/// For `check`: what the server can do. The folder `done` is made where it is missing, and opened.
pub async fn probe(mailbox: &MailboxConfig) -> Result<String, String> {
    let MailSource::Imap { server, login, folder, done, .. } = &mailbox.source else {
        return Ok("a Maildir".into());
    };
    let mut imap = Imap::open(server, login, 1 << 20, Pace::USUAL.silence).await?;
    let mut way = match (done, imap.can("MOVE")) {
        (None, _) => "taken-in mail is flagged".to_owned(),
        (Some(_), true) => "taken-in mail is moved".to_owned(),
        (Some(_), false) => "taken-in mail is copied and expunged".to_owned(),
    };
    if let Some(done) = done {
        let cannot =
            |why| format!("mail is taken in, and cannot be moved to the folder {done} (done): {why}");
        let name = imap.make_folder(done).await.map_err(cannot)?;
        imap.select("EXAMINE", &name).await.map_err(cannot)?;
        if name != *done {
            way.push_str(&format!(" to {name}"));
        }
    }
    let selected = imap.select("EXAMINE", folder).await?;
    let wake = if imap.can("IDLE") { "IDLE" } else { "polling, the server has no IDLE" };
    let mails = selected.exists.map_or_else(|| "some".to_owned(), |n| n.to_string());
    let mut text = format!("{}:{} opens, {mails} mails, {wake}, {way}", server.host, server.port);
    if let Some(words) = &imap.told {
        text.push_str(&format!("; the server says: {words}"));
    }
    imap.logout().await;
    Ok(text)
}
