//! Replay: makes anew, by today's rules, what is derived from kept mail. It changes no ticket and sends
//! nothing.

use super::error::Trouble;
use super::handles::Operator;
use super::kept::unpack;
use crate::desk::model::listed::MessageRow;
use crate::desk::model::message::files_inside;
use crate::desk::order::command::{keeps_its_words, message_words};
use crate::mail::{Inbound, Words, parse};
use crate::store::crash_point::stop_at;
use crate::store::message;
use crate::store::{self, Connection, kept, replay};

/// Messages in one transaction; the daemon beside it waits no longer than one takes.
const BATCH: usize = 50;

/// How far a replay came.
#[derive(Debug, Default, Clone, Copy)]
pub struct Renewed {
    /// Messages that were read again.
    pub done: u32,
    /// Messages in all.
    pub all: u32,
    /// Messages in which something came out differently.
    pub changed: u32,
}

impl Operator<'_> {
    /// Renews every message that a mail made. `step` hears how far it is, first of all where an earlier run
    /// stopped.
    pub fn replay(&self, mut step: impl FnMut(Renewed)) -> Result<Renewed, Trouble> {
        self.0.store().write(replay::begin)?;
        let (done, all) = self.0.store().read(replay::begun)?.unwrap_or_default();
        let mut out = Renewed { done, all, changed: 0 };
        loop {
            step(out);
            let (rows, changed) = self.0.store().write(|tx| {
                let rows = replay::next(tx, BATCH)?;
                let (mut rows_done, mut changed) = (0, 0);
                for row in &rows {
                    rows_done += 1;
                    changed += u32::from(self.renew(tx, row)?);
                }
                Ok((rows_done, changed))
            })?;
            if rows == 0 {
                return Ok(out);
            }
            out.done += rows;
            out.changed += changed;
            stop_at("in-replay");
        }
    }

    fn renew(&self, tx: &store::Tx<'_>, row: &replay::Derived) -> store::Result<bool> {
        let Some(mail) = read(tx.conn(), row.mail)? else { return Ok(false) };
        let words = message_words(self.0.rules(), &mail, row.kind, row.verified, row.automatic);
        let words = Some(words).filter(|w| *w != row.words && !keeps_its_words(row.kind));
        if let Some(words) = &words {
            replay::set_words(tx, row, words)?;
        }
        let inside = files_inside(&mail, row.kind, &row.words.text);
        Ok(message::set_files(tx, row.message, row.kind, &inside, &mail)? || words.is_some())
    }

    /// For each message that a mail made: what today's rules make of that mail. Changes nothing.
    pub fn today(&self, messages: &[MessageRow]) -> Result<Vec<Option<Words>>, Trouble> {
        Ok(self.0.store().read(|c| {
            let one = |m: &MessageRow| -> store::Result<Option<Words>> {
                let Some(mail) = m.mail.map(|id| read(c, id)).transpose()?.flatten() else { return Ok(None) };
                Ok(Some(message_words(self.0.rules(), &mail, m.kind, m.verified, m.automatic)))
            };
            messages.iter().map(one).collect()
        })?)
    }
}

/// Reads a kept mail anew. `None` where its bytes are gone or cannot be read; then its text stays as it is.
fn read(c: &Connection, mail: i64) -> store::Result<Option<Inbound>> {
    let raw = kept::packed(c, mail)?.map(|packed| unpack(&packed)).unwrap_or_default();
    if raw.is_empty() {
        return Ok(None);
    }
    Ok(Some(parse::parse_for_intake(&raw)).filter(|m| !m.defects.contains(&parse::UNREAD)))
}

#[cfg(test)]
mod tests {
    use crate::app::Desk;
    use crate::app::Position;
    use crate::app::testing;

    /// What an older version showed of a staff answer, and today's rules keep inside, is shown no more (T72).
    #[test]
    fn t119_files_that_stay_inside_today_are_shown_no_more() {
        let (desk, first) = testing::opened();
        let file =
            |name: &str| format!("--b\r\nContent-Disposition: attachment; filename={name}\r\n\r\nx\r\n");
        let parts = format!("--b\r\n\r\nNew bulbs.\r\n{}{}--b--", file("bob.vcf"), file("a.pdf"));
        let fields = "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
        let raw = first[testing::BOB].answer("b1@b", &parts).replacen("\r\n\r\n", fields, 1);
        assert_eq!(testing::take(&desk, &raw).outcome, "append");
        let outside = || {
            let (_, messages) = desk.operator().ticket(1).expect("a desk").expect("a ticket");
            messages.last().expect("hers").files.iter().map(|f| f.outside).collect::<Vec<_>>()
        };
        assert_eq!(outside(), [false, true]);
        for (old, changed) in [("1", 1), ("0", 0)] {
            let old = format!("update attachment set outside = {old}");
            desk.store().write(|tx| Ok(tx.conn().execute_batch(&old)?)).expect("older rules");
            assert_eq!(desk.operator().replay(|_| {}).expect("a replay").changed, changed);
            assert_eq!(outside(), [false, changed == 1], "nothing is opened again");
        }
    }

    #[test]
    fn older_text_and_files_become_what_todays_rules_say() {
        let desk = Desk::empty().expect("a desk");
        let raw =
            b"From: ann@far.example\nTo: desk@near.example\nMessage-ID: <1@far.example>\nSubject: lamp\n\
            In-Reply-To: <0@far.example>\n\
                MIME-Version: 1.0\n\
            Content-Type: multipart/mixed; boundary=b\n\n--b\n\nIt is dark.\n\n> Is it dark?\n--b\n\
            Content-Disposition: attachment; filename=lamp.txt\n\nx\n--b--\n";
        desk.intake()
            .take(&[desk
                .intake()
                .look(raw.to_vec(), Position::Envelope { recipients: Vec::new(), sender: None })])
            .expect("taken");
        let before = desk.operator().ticket(1).expect("a desk").expect("a ticket");
        assert_eq!(desk.operator().replay(|_| {}).expect("a replay").changed, 0, "nothing is old yet");
        let old = "update message set text = 'dull', quoted = ''; update attachment set filename = 'old', \
            part = 9;
                   delete from words where rowid = 1; insert into words (rowid, subject, text) values (1,
                     'lamp', 'dull')";
        desk.store().write(|tx| Ok(tx.conn().execute_batch(old)?)).expect("older rules");
        let today = desk
            .operator()
            .today(&desk.operator().ticket(1).expect("a desk").expect("a ticket").1)
            .expect("words");
        assert_eq!(today[0].as_ref().map(|w| w.text.as_str()), Some("It is dark."));
        assert_eq!(
            desk.operator().ticket(1).expect("a desk").expect("a ticket").1[0].text,
            "dull",
            "showing changes nothing"
        );

        let done = desk.operator().replay(|_| {}).expect("a replay");
        assert_eq!((done.done, done.all, done.changed), (1, 1, 1));
        let after = desk.operator().ticket(1).expect("a desk").expect("a ticket");
        assert_eq!(format!("{after:?}"), format!("{before:?}"), "all as it was, the numbers of files, too");
        assert!(desk.operator().search("dull").expect("a search").0.is_empty());
        assert_eq!(desk.operator().search("dark").expect("a search").0.len(), 1);
    }
}
