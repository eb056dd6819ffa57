//! What the web pages need: links, sessions, the tickets of a visitor. One place decides what he may see
//! (T71).

use super::{Desk, FileView, MessageView, TicketView, Trouble, Visitor, now};
use crate::desk::model::form::SessionStart;
use crate::desk::names::Names;
use crate::desk::visitor::Form;
use crate::desk::{Event, Kind, Staff, participants, relay, right};
use crate::mail::{AddrSpec, unnamed};
use crate::store::list::{self, FileRow, MessageRow};
use crate::store::{self, snapshot, web};
use sha2::{Digest, Sha256};

/// Where a request came from.
#[derive(Debug, Clone)]
pub struct Client {
    /// /32 or /64, for limits.
    pub network: String,
    pub ip: String,
    pub agent: String,
}

/// Characters of a browser's name that are kept with its session (D05).
const AGENT_CHARS_MAX: usize = 200;
/// Characters of a token: 256 bits in base64url (T62).
const TOKEN_CHARS: usize = 43;

pub(super) fn hash(token: &str) -> Option<[u8; 32]> {
    let fine = token.len() == TOKEN_CHARS
        && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    fine.then(|| Sha256::digest(token.as_bytes()).into())
}

fn random_token() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system gives random numbers");
    data_encoding::BASE64URL_NOPAD.encode(&bytes)
}

impl Visitors<'_> {
    /// Whom a live link would sign in; dead ones are all alike.
    pub fn link_holder(&self, token: &str) -> Result<Option<AddrSpec>, Trouble> {
        let Some(hash) = hash(token) else { return Ok(None) };
        let row = self.0.store().read(|c| web::link(c, &hash, now()))?;
        Ok(row.and_then(|(_, _, address)| AddrSpec::parse(&address)))
    }

    /// Consumes the link; the cookie's value and the path to go to. `None`: the link is dead.
    pub fn sign_in(&self, token: &str, client: &Client) -> Result<Option<(String, String)>, Trouble> {
        let Some(link) = hash(token) else { return Ok(None) };
        let cookie = random_token();
        let session = SessionStart {
            hash: Sha256::digest(cookie.as_bytes()).into(),
            form_token: random_token(),
            ip: client.ip.clone(),
            agent: client.agent.chars().take(AGENT_CHARS_MAX).collect(),
        };
        let form = Form::SignIn { link: &link, session: &session };
        let decision = self.0.happen(&Event::Form(&form))?;
        let path = decision.ticket.map_or_else(|| "/tickets".to_owned(), |n| format!("/tickets/{n}"));
        Ok(decision.refused.is_none().then_some((cookie, path)))
    }

    pub fn visitor(&self, cookie: &str) -> Result<Option<Visitor>, Trouble> {
        let Some(hash) = hash(cookie) else { return Ok(None) };
        let row = self.0.store().read(|c| web::session(c, &hash, now()))?;
        Ok(row.and_then(|(person, name, address, form_token)| {
            Some(Visitor { person, name, address: AddrSpec::parse(&address)?, form_token })
        }))
    }

    /// The session of this cookie ends.
    pub fn sign_out(&self, cookie: &str) -> Result<(), Trouble> {
        match hash(cookie) {
            Some(session) => self.0.happen(&Event::Form(&Form::SignOut { session: &session })).map(drop),
            None => Ok(()),
        }
    }

    /// A link for a known address; nothing for an unknown one. The caller does not wait for it (T66).
    pub fn ask_link(&self, typed: &str, client: &Client) {
        let Some(address) = AddrSpec::parse(typed) else { return };
        let form = Form::AskLink { address: &address, network: &client.network };
        if let Err(e) = self.0.happen(&Event::Form(&form)) {
            tracing::warn!("a link could not be made: {e}");
        }
    }

    pub fn tickets_of(&self, who: &Visitor) -> Result<Vec<TicketView>, Trouble> {
        Ok(self.0.store().read(|c| {
            let staff = snapshot::staff(c)?;
            Ok(list::tickets_of(c, who.person)?
                .into_iter()
                .map(|t| self.view(t, Vec::new(), &staff))
                .collect())
        })?)
    }

    /// T72: no address of staff, as in letters.
    fn outside(&self, staff: &[Staff], text: &str) -> String {
        relay::without_addresses(staff, &self.0.rules().address, text)
    }

    fn view(&self, t: crate::desk::Ticket, messages: Vec<MessageView>, staff: &[Staff]) -> TicketView {
        TicketView {
            number: t.number,
            token: self.0.token(t.number),
            subject: self.outside(staff, &t.subject),
            status: t.status.as_str().to_owned(),
            updated_at: t.updated_at,
            messages,
            suggestions: Vec::new(),
            way_out: None,
        }
    }

    /// `None` for foreign and missing alike.
    pub fn ticket_of(&self, who: &Visitor, number: i64) -> Result<Option<TicketView>, Trouble> {
        Ok(self.0.store().read(|c| {
            // A merged ticket is the one that it went into.
            let number = list::live(c, number)?;
            if !right::sees_ticket(list::standing(c, who.person, number)?) {
                return Ok(None);
            }
            let Some(row) = list::ticket(c, number)? else { return Ok(None) };
            let staff = snapshot::staff(c)?;
            let names = Names::of(&self.0.rules().name, &staff);
            let messages = seen(c, who.person, number)?
                .into_iter()
                .map(|m| self.message_view(m, who, &names, &staff))
                .collect();
            let suggestions = store::participants::suggestions(c, number, who.person)?;
            let way_out = participants::way_out(self.0.rules(), &row.ticket, who.person);
            Ok(Some(TicketView { suggestions, way_out, ..self.view(row.ticket, messages, &staff) }))
        })?)
    }

    fn message_view(&self, mut m: MessageRow, who: &Visitor, names: &Names, staff: &[Staff]) -> MessageView {
        let own = m.author == Some(who.person);
        if m.kind == Kind::Staff.as_str() {
            m.text = self.outside(staff, &m.text);
            m.files.iter_mut().for_each(|f| f.filename = self.outside(staff, &f.filename));
        }
        MessageView {
            id: m.id,
            author: match m.kind.as_str() {
                "staff" if m.author_name.is_empty() => self.0.rules().name.clone(),
                "staff" => format!("{}, {}", m.author_name, self.0.rules().name),
                _ if own => "You".into(),
                // T07: never a name that pretends to be another's.
                _ => names
                    .to_customers(&m.author_name, &m.author_address)
                    .unwrap_or("A participant")
                    .to_owned(),
            },
            own,
            quoted: if own { folded(&m) } else { String::new() },
            text: m.text,
            kind: m.kind,
            created_at: m.created_at,
            files: m.files.into_iter().map(file_view).collect(),
        }
    }

    /// A signed-in person writes; `None` as in [`Desk::ticket_of`].
    pub fn post(&self, who: &Visitor, number: i64, words: &str) -> Result<Option<()>, Trouble> {
        let by = &who.person();
        let form = Form::Message { by, ticket: number, words };
        Ok(self.0.happen(&Event::Form(&form))?.refused.is_none().then_some(()))
    }

    pub fn file_of(&self, who: &Visitor, file: i64) -> Result<Option<(FileView, Vec<u8>)>, Trouble> {
        Ok(self.0.store().read(|c| {
            let Some(list::Place { ticket, message, mail, file: mut row }) = list::file(c, file)? else {
                return Ok(None);
            };
            let seen = seen(c, who.person, ticket)?.iter().any(|m| m.id == message);
            let (Some(mail), true) = (mail, seen) else { return Ok(None) };
            let bytes = self.0.part(c, mail, row.part)?;
            row.filename = self.outside(&snapshot::staff(c)?, &row.filename);
            Ok(bytes.map(|b| (file_view(row), b)))
        })?)
    }

    /// A value bound to a purpose, for hidden fields.
    pub fn page_seal(&self, purpose: &str, value: &str) -> String {
        self.0.rules().keys.page(purpose, value)
    }
}

impl Condition<'_> {
    /// Name, help, labels and value for `/metrics`; fixed words only (T76).
    pub fn numbers(&self) -> Result<Vec<Number>, Trouble> {
        let rows = self.counts()?;
        let mut out = Vec::new();
        for (what, label, n) in rows {
            let (name, help, key) = match what.as_str() {
                "tickets" => ("maildesk_tickets", "Tickets by status", "status"),
                "letters" => ("maildesk_letters", "Letters by state", "state"),
                "mails" => ("maildesk_mails", "Mails taken in by outcome", "outcome"),
                "kept back" => {
                    ("maildesk_letters_kept_back_total", "Automatic letters that a limit kept back", "limit")
                }
                _ => ("maildesk_held", "Mails that were kept and not acted on", "kind"),
            };
            #[allow(clippy::cast_precision_loss)]
            out.push((name, help, vec![(key, label)], n as f64));
        }
        Ok(out)
    }
}

/// A metric: name, help, labels, value.
pub type Number = (&'static str, &'static str, Vec<(&'static str, String)>, f64);

/// What a customer sees of a ticket (T06, T71); the rule is [`right`]'s.
fn seen(c: &store::Connection, person: i64, ticket: i64) -> store::Result<Vec<MessageRow>> {
    let mut out = Vec::new();
    if !right::sees_ticket(list::standing(c, person, ticket)?) {
        return Ok(out);
    }
    for m in list::messages(c, ticket)? {
        let standing = list::standing(c, person, m.origin.unwrap_or(ticket))?;
        if right::sees_message(person, standing, &m.sight()) {
            out.push(m);
        }
    }
    Ok(out)
}

/// What was cut off as signature or quotation.
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
