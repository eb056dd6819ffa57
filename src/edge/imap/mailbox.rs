//! One mailbox that is watched, and what its tasks ask of the desk.

use super::session::Imap;
use crate::app::{Desk, Trouble};
use crate::config::{Limits, Login, MailSource, MailboxConfig, Server};
use crate::edge::dns::Names;
use std::sync::Arc;
use std::time::Duration;

/// One mailbox with what is needed to watch it.
pub struct Mailbox {
    /// Its name in the configuration.
    pub name: String,
    /// Its server.
    pub server: Server,
    /// Who opens it.
    pub login: Login,
    /// The folder that is watched.
    pub folder: String,
    /// Mail that was taken in is moved here; `None`: it is flagged `\Seen`.
    pub done: Option<String>,
    /// The first connect also takes in what lies there already.
    pub start_all: bool,
    /// The pause between two looks where the server has no IDLE.
    pub poll: Duration,
    /// `[limits]`.
    pub limits: Limits,
    /// Who takes the mails.
    pub desk: Desk,
    /// Who asks DNS about them.
    pub names: Arc<Names>,
}

impl Mailbox {
    /// `None` for a Maildir.
    pub fn new(mailbox: MailboxConfig, limits: Limits, desk: Desk, names: Arc<Names>) -> Option<Self> {
        let poll = Duration::from_secs(mailbox.poll_seconds.max(1));
        match mailbox.source {
            MailSource::Imap { server, login, folder, done, start_all } => Some(Self {
                name: mailbox.name,
                server,
                login,
                folder,
                done,
                start_all,
                poll,
                limits,
                desk,
                names,
            }),
            MailSource::Maildir(_) => None,
        }
    }

    /// Notes how this mailbox does.
    pub async fn health(&self, good: bool, detail: &str) {
        let (desk, part, detail) = (self.desk.clone(), format!("mailbox:{}", self.name), detail.to_owned());
        let _ = tokio::task::spawn_blocking(move || desk.condition().set(&part, good, &detail)).await;
    }

    /// Asks the desk on a blocking thread.
    pub async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Desk) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, String> {
        let desk = self.desk.clone();
        let answer = tokio::task::spawn_blocking(move || ask(&desk)).await;
        answer.map_err(|_| "the program failed (a bug)".to_owned())?.map_err(|e| e.to_string())
    }

    /// Flags or moves what was committed and not settled before a crash or a cut connection (T86).
    pub async fn settle_left(&self, imap: &mut Imap, validity: u32) -> Result<(), String> {
        let name = self.name.clone();
        let left = self.ask(move |d| d.ledger().unsettled(&name, validity)).await?;
        for uids in left.chunks(500) {
            self.settle(imap, validity, uids.to_vec()).await?;
        }
        Ok(())
    }

    /// Flags or moves these mails, then remembers that it was done.
    pub async fn settle(&self, imap: &mut Imap, validity: u32, uids: Vec<u32>) -> Result<(), String> {
        imap.settle(&uids, self.done.as_deref()).await?;
        let name = self.name.clone();
        self.ask(move |d| d.ledger().settled(&name, validity, &uids)).await
    }
}
