//! The tickets of a visitor on the web. What they may see is decided in one place (T71).

use super::error::Trouble;
use super::handles::Visitors;
use super::values::{FileView, KeptFile, MessageView, TicketView, Visitor};
use crate::desk::model::listed::{FileRow, MessageRow};
use crate::desk::text::display_name::Names;
use crate::desk::text::links::leave_path;
use crate::desk::text::staff_address::without_addresses;
use crate::desk::visitor::Form;
use crate::desk::{Event, Kind, Staff, right};
use crate::mail::unnamed;
use crate::store::message;
use crate::store::{self, staff, ticket};

impl Visitors<'_> {
    /// The tickets in which somebody takes part, those that changed last first.
    pub fn tickets_of(&self, who: &Visitor) -> Result<Vec<TicketView>, Trouble> {
        Ok(self.0.store().read(|c| {
            let staff = staff::members(c)?;
            Ok(ticket::of_person(c, who.person, self.0.rules().bounds.listed_tickets_max)?
                .into_iter()
                .map(|t| self.view(t, Vec::new(), &staff))
                .collect())
        })?)
    }

    /// T72: the text without addresses of staff, as letters have it.
    fn outside(&self, staff: &[Staff], text: &str) -> String {
        without_addresses(staff, &self.0.rules().address, text)
    }

    fn view(&self, t: crate::desk::Ticket, messages: Vec<MessageView>, staff: &[Staff]) -> TicketView {
        TicketView {
            number: t.number,
            token: self.0.token(t.number),
            subject: self.outside(staff, &t.subject),
            status: t.status.as_str().to_owned(),
            updated_at: t.updated_at,
            messages,
            earlier: None,
            later: false,
            suggestions: Vec::new(),
            way_out: None,
        }
    }

    /// A ticket with its newest messages, or with those before the one of a number. `None` where there is no
    /// such ticket, and where it is somebody else's: nobody can tell which.
    pub fn ticket_of(
        &self,
        who: &Visitor,
        number: i64,
        before: Option<i64>,
    ) -> Result<Option<TicketView>, Trouble> {
        let words_max = self.0.rules().bounds.page_words_bytes_max;
        Ok(self.0.store().read(|c| {
            // A merged ticket is the one that it went into.
            let number = ticket::live(c, number)?;
            if !right::sees_ticket(ticket::standing(c, who.person, number)?) {
                return Ok(None);
            }
            let Some(row) = ticket::with_people(c, number)? else { return Ok(None) };
            let staff = staff::members(c)?;
            let names = Names::of(&self.0.rules().name, &staff);
            let place = (number, before.unwrap_or(i64::MAX));
            let sees = |m: &MessageRow| sees(c, who.person, number, (&m.sight(), m.origin));
            let (messages, more) = message::newest(c, place, words_max, sees)?;
            let earlier = messages.first().filter(|_| more).map(|m| m.id);
            let messages = messages.into_iter().map(|m| self.message_view(m, who, &names, &staff)).collect();
            let suggestions = store::participants::suggestions(c, number, who.person)?;
            let way_out = leave_path(self.0.rules(), &row.ticket, who.person);
            let later = before.is_some();
            Ok(Some(TicketView {
                earlier,
                later,
                suggestions,
                way_out,
                ..self.view(row.ticket, messages, &staff)
            }))
        })?)
    }

    fn message_view(&self, mut m: MessageRow, who: &Visitor, names: &Names, staff: &[Staff]) -> MessageView {
        let own = m.author == Some(who.person);
        if m.kind == Kind::Staff {
            m.text = self.outside(staff, &m.text);
            m.files.iter_mut().for_each(|f| f.filename = self.outside(staff, &f.filename));
        }
        MessageView {
            id: m.id,
            author: match m.kind {
                Kind::Staff if m.author_name.is_empty() => self.0.rules().name.clone(),
                Kind::Staff => format!("{}, {}", m.author_name, self.0.rules().name),
                _ if own => "You".into(),
                // T07: a name that pretends to be another person's is never shown.
                _ => names
                    .to_customers(&m.author_name, &m.author_address)
                    .unwrap_or("A participant")
                    .to_owned(),
            },
            own,
            quoted: if own { folded(&m) } else { String::new() },
            text: m.text,
            kind: m.kind.as_str().to_owned(),
            created_at: m.created_at,
            files: m.files.into_iter().filter(|f| f.outside).map(file_view).collect(),
        }
    }

    /// A signed-in person writes; `None` as in [`Desk::ticket_of`].
    pub fn post(&self, who: &Visitor, number: i64, words: &str) -> Result<Option<()>, Trouble> {
        let by = &who.person();
        let form = Form::Message { by, ticket: number, words };
        Ok(self.0.happen(&Event::Form(&form))?.refused.is_none().then_some(()))
    }

    /// A file that this visitor may see; `None`: there is none (T71).
    pub fn file_of(&self, who: &Visitor, file: i64) -> Result<Option<KeptFile>, Trouble> {
        Ok(self.0.store().read(|c| {
            let Some(message::Place { ticket, message, mail, file: mut row }) = message::file(c, file)?
            else {
                return Ok(None);
            };
            let Some((sight, origin)) = message::sight(c, message)? else { return Ok(None) };
            let seen = sees(c, who.person, ticket, (&sight, origin))?;
            let (Some(mail), true) = (mail, seen && row.outside) else { return Ok(None) };
            row.filename = self.outside(&staff::members(c)?, &row.filename);
            Ok(Some(KeptFile { mail, part: row.part, view: file_view(row) }))
        })?)
    }

    /// The octets of such a file; `None`: its mail is gone.
    pub fn octets(&self, file: &KeptFile) -> Result<Option<Vec<u8>>, Trouble> {
        self.0.part(file.mail, file.part)
    }
}

/// Whether a customer sees a message of a ticket (T06, T71); the rule is [`right`]'s. `message`: it, and the
/// ticket in which it was said, if another.
fn sees(
    c: &store::Connection,
    person: i64,
    ticket: i64,
    message: (&right::Sight, Option<i64>),
) -> store::Result<bool> {
    let standing = ticket::standing(c, person, ticket)?;
    if !right::sees_ticket(standing) {
        return Ok(false);
    }
    let standing = match message.1 {
        Some(origin) => ticket::standing(c, person, origin)?,
        None => standing,
    };
    Ok(right::sees_message(person, standing, message.0))
}

/// The signature and the quotation, which the page folds away.
fn folded(m: &MessageRow) -> String {
    [m.signature.as_str(), m.quoted.as_str()]
        .iter()
        .filter(|s| !s.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn file_view(f: FileRow) -> FileView {
    let filename = if f.filename.is_empty() { unnamed(f.part, &f.media_type) } else { f.filename };
    FileView { id: f.id, filename, media_type: f.media_type, size: u64::try_from(f.size).unwrap_or(0) }
}
