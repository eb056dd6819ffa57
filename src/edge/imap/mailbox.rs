//! One mailbox that is watched, and what its tasks ask of the desk.

use super::session::Imap;
use crate::app::{Desk, Trouble};
use crate::config::{Limits, Login, MailSource, MailboxConfig, Server};
use crate::edge::dns::Names;
use std::sync::Arc;
use std::time::Duration;

/// One mailbox with what is needed to watch it.
pub struct Mailbox {
    pub name: String,
    pub server: Server,
    pub login: Login,
    pub folder: String,
    pub done: Option<String>,
    pub start_all: bool,
    pub poll: Duration,
    pub limits: Limits,
    pub desk: Desk,
    pub names: Arc<Names>,
}

impl Mailbox {
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

    pub async fn health(&self, good: bool, detail: &str) {
        let (desk, part, detail) = (self.desk.clone(), format!("mailbox:{}", self.name), detail.to_owned());
        let _ = tokio::task::spawn_blocking(move || desk.set_health(&part, good, &detail)).await;
    }

    /// Calls the house on a blocking thread.
    pub async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Desk) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, String> {
        let desk = self.desk.clone();
        let answer = tokio::task::spawn_blocking(move || ask(&desk)).await;
        answer.map_err(|_| "the program failed (a bug)".to_owned())?.map_err(|e| e.to_string())
    }

    /// Flags or moves what was committed and not settled before a crash or a cut (T86).
    pub async fn settle_rest(&self, imap: &mut Imap, validity: u32) -> Result<(), String> {
        let name = self.name.clone();
        let rest = self.ask(move |d| d.unsettled(&name, validity)).await?;
        for uids in rest.chunks(500) {
            self.settle(imap, validity, uids.to_vec()).await?;
        }
        Ok(())
    }

    pub async fn settle(&self, imap: &mut Imap, validity: u32, uids: Vec<u32>) -> Result<(), String> {
        imap.settle(&uids, self.done.as_deref()).await?;
        let name = self.name.clone();
        self.ask(move |d| d.settled(&name, validity, &uids)).await
    }
}
