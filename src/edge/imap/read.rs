//! Reads what was fetched and asks DNS about it. Mails that wait for a name server stand in nobody's way:
//! the others are written before them.

use super::mailbox::Mailbox;
use crate::app::{Desk, Looked, Position, Trouble};
use crate::edge::dns::{Late, Names};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::{JoinHandle, spawn_blocking};

/// Bytes of a batch, and the room in the gate that they take until they are written.
pub type Fetched = (Vec<(Position, Vec<u8>)>, OwnedSemaphorePermit);
/// Mails that may be written, and their room.
pub type Read = (OwnedSemaphorePermit, Vec<Looked>);

/// Reads mails of one folder.
pub struct Reader {
    mailbox: String,
    validity: i64,
    desk: Desk,
    names: Arc<Names>,
    to_writer: mpsc::Sender<Read>,
    /// Batches that wait for DNS.
    late: Vec<JoinHandle<()>>,
}

impl Reader {
    /// For mails of this UIDVALIDITY; what is read goes to `to_writer`.
    pub fn new(mailbox: &Mailbox, validity: i64, to_writer: mpsc::Sender<Read>) -> Self {
        let (desk, names) = (mailbox.desk.clone(), mailbox.names.clone());
        Self { mailbox: mailbox.name.clone(), validity, desk, names, to_writer, late: Vec::new() }
    }

    /// Reads batch after batch until there are no more, or nobody writes. Blocking.
    pub fn read_all(mut self, mut fetched: mpsc::Receiver<Fetched>) -> Result<(), Trouble> {
        while let Some((mails, mut room)) = fetched.blocking_recv() {
            let looked = mails.into_iter().map(|(at, raw)| self.desk.intake().look(raw, at)).collect();
            let (mut soon, late) = self.names.prove_soon(&self.desk, looked)?;
            if let Some(late) = late {
                self.let_wait(late, &mut room)?;
            }
            soon.iter_mut().for_each(|l| l.bytes.pack());
            if !soon.is_empty() && self.to_writer.blocking_send((shrink(room, &soon), soon)).is_err() {
                break;
            }
        }
        let Self { to_writer, late, .. } = self;
        drop(to_writer);
        for batch in late {
            let panicked = Handle::current().block_on(batch).err().and_then(|e| e.try_into_panic().ok());
            if let Some(panicked) = panicked {
                std::panic::resume_unwind(panicked);
            }
        }
        Ok(())
    }

    /// Lets mails wait for DNS beside the next ones. They are noted before others move the cursor past them:
    /// were the program to end now, each is asked for alone.
    fn let_wait(&mut self, late: Late, room: &mut OwnedSemaphorePermit) -> Result<(), Trouble> {
        let uid = |l: &Looked| match &l.position {
            Position::Imap { uid, .. } => Some(*uid),
            Position::Maildir { .. } | Position::Envelope { .. } => None,
        };
        let uids: Vec<u32> = late.mails().filter_map(uid).collect();
        self.desk.ledger().await_mails(&self.mailbox, self.validity, &uids)?;
        let kib = kib(late.mails()).min(room.num_permits());
        let (own_room, desk, to_writer) = (room.split(kib), self.desk.clone(), self.to_writer.clone());
        self.late.push(spawn_blocking(move || {
            let Some(own_room) = own_room else { return };
            let mut looked = late.wait(&desk);
            looked.iter_mut().for_each(|l| l.bytes.pack());
            // Nobody writes any more where this fails; the caller tells why.
            let _ = to_writer.blocking_send((own_room, looked));
        }));
        Ok(())
    }
}

fn kib<'a>(looked: impl Iterator<Item = &'a Looked>) -> usize {
    looked.map(|l| l.bytes.held() / 1024 + 1).sum()
}

/// Gives back the room that a batch took before it was packed.
fn shrink(mut room: OwnedSemaphorePermit, looked: &[Looked]) -> OwnedSemaphorePermit {
    let kib = kib(looked.iter());
    drop(room.split(room.num_permits().saturating_sub(kib)));
    room
}
