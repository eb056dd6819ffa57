//! Reads what was fetched and asks DNS about it. Mails that wait for a name server stand in nobody's way: the
//! others are written before them, and the session goes on.

use super::mailbox::Mailbox;
use super::session::Listed;
use super::waiting::Waiting;
use super::write::take_patiently;
use crate::app::{Cursor, Desk, Looked, Position, Trouble, UnderWay};
use crate::desk::model::proof::OtherSize;
use crate::edge::dns::{Late, Names};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::spawn_blocking;

/// A mail that was fetched.
pub struct Got {
    at: Position,
    raw: Vec<u8>,
    other_size: Option<OtherSize>,
}

impl Got {
    /// It, and whether it has the size that was announced.
    pub fn new(mailbox: &Mailbox, cursor: &Cursor, (mail, raw): (Listed, Vec<u8>)) -> Self {
        Self { at: mailbox.position(cursor, &mail), other_size: mailbox.note_size(&mail, &raw), raw }
    }

    /// Reads it.
    pub fn look(self, desk: &Desk) -> Looked {
        let mut looked = desk.intake().look(self.raw, self.at);
        looked.facts.other_size = self.other_size;
        looked
    }
}

/// Bytes of a batch, and what they hold until they are written.
pub type Fetched = (Vec<Got>, Room);
/// Mails that may be written, and what they hold.
pub type Read = (Room, Vec<Looked>);

/// The room in the gate that mails take until they are written, and the marks that name them (T34).
pub struct Room {
    permit: OwnedSemaphorePermit,
    marks: Vec<Arc<UnderWay>>,
    alone: bool,
}

impl Room {
    /// Of a batch. `alone`: nothing else is under way until it is written.
    pub fn new(permit: OwnedSemaphorePermit, mark: UnderWay, alone: bool) -> Self {
        Self { permit, marks: vec![Arc::new(mark)], alone }
    }

    /// Two batches share one commit.
    pub fn merge(&mut self, other: Self) {
        self.permit.merge(other.permit);
        self.marks.extend(other.marks);
    }

    /// Gives back what a batch took before it was packed.
    fn shrink(mut self, kib: usize) -> Self {
        if !self.alone {
            drop(self.permit.split(self.permit.num_permits().saturating_sub(kib)));
        }
        self
    }
}

/// Reads mails of one folder.
pub struct Reader {
    mailbox: String,
    validity: i64,
    desk: Desk,
    names: Arc<Names>,
    waiting: Arc<Waiting>,
    to_writer: mpsc::Sender<Read>,
}

impl Reader {
    /// For mails of this UIDVALIDITY; what is read goes to `to_writer`.
    pub fn new(mailbox: &Mailbox, validity: i64, to_writer: mpsc::Sender<Read>) -> Self {
        Self {
            mailbox: mailbox.name.clone(),
            validity,
            desk: mailbox.desk.clone(),
            names: mailbox.names.clone(),
            waiting: mailbox.waiting.clone(),
            to_writer,
        }
    }

    /// Reads batch after batch until there are no more, or nobody writes. Blocking.
    pub fn read_all(self, mut fetched: mpsc::Receiver<Fetched>) -> Result<(), Trouble> {
        while let Some((mails, room)) = fetched.blocking_recv() {
            let looked = mails.into_iter().map(|got| got.look(&self.desk)).collect();
            let (mut soon, late) = self.names.prove_soon(&self.desk, looked)?;
            if let Some(late) = late {
                soon.extend(self.let_wait(late, &room)?);
            }
            soon.iter_mut().for_each(|l| l.bytes.pack());
            if !soon.is_empty()
                && self.to_writer.blocking_send((room.shrink(kib(soon.iter())), soon)).is_err()
            {
                break;
            }
        }
        Ok(())
    }

    /// Lets mails wait for DNS beside the next ones, and takes them in after that. They are noted before
    /// others move the cursor past them: were the program to end now, each is asked for alone. Where too many
    /// wait already, they are given back at the end of their time.
    fn let_wait(&self, late: Late, room: &Room) -> Result<Vec<Looked>, Trouble> {
        if room.alone {
            return Ok(late.wait(&self.desk));
        }
        let Some(mut place) = self.waiting.place() else { return Ok(late.wait(&self.desk)) };
        let uid = |l: &Looked| match &l.position {
            Position::Imap { uid, .. } => Some(*uid),
            Position::Maildir { .. } | Position::Envelope { .. } => None,
        };
        let uids: Vec<u32> = late.mails().filter_map(uid).collect();
        self.desk.ledger().await_mails(&self.mailbox, self.validity, &uids)?;
        place.add(self.validity, &uids);
        let (desk, mailbox, marks) = (self.desk.clone(), self.mailbox.clone(), room.marks.clone());
        spawn_blocking(move || {
            let mut looked = late.wait(&desk);
            looked.iter_mut().for_each(|l| l.bytes.pack());
            if let Err(e) = take_patiently(&desk, looked) {
                tracing::error!(mailbox, "mail cannot be kept, and is asked for again: {e}");
            }
            drop((place, marks));
        });
        Ok(Vec::new())
    }
}

fn kib<'a>(looked: impl Iterator<Item = &'a Looked>) -> usize {
    looked.map(|l| l.bytes.held() / 1024 + 1).sum()
}
