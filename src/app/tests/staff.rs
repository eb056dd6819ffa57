//! Journeys of staff by mail, from the bytes of a mail to the rows and letters that it makes, on a desk in
//! memory.

mod letters;
mod threats;
mod undo;

use crate::app::testing::{Colleague, Letter, address, desk_with, letters, take};
use crate::app::{Desk, Ordered, Visitor};
use crate::config::Config;
use crate::desk::model::listed::MessageRow;
use crate::desk::model::listed::TicketRow;
use crate::desk::{Own, Ticket};
use std::cell::{Cell, RefCell};

pub const ALICE: &str = "Alice <alice@customer.example>";
pub const CAROL: &str = "Carol <carol@elsewhere.example>";
pub const BOB: &str = "Bob Builder <bob@staff.example>";
pub const EVE: &str = "Eve Engineer <eve@staff.example>";
/// Another address of Bob's.
pub const BOB_AT_HOME: &str = "Bob <bob@home.example>";

/// A desk with Bob and Eve, and all letters that left it.
pub struct Story {
    pub desk: Desk,
    mails: Cell<usize>,
    pub letters: RefCell<Vec<Letter>>,
}

impl Story {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        let staff: [Colleague; 2] = [
            ("Bob Builder", "bob@staff.example", &["bob@home.example"]),
            ("Eve Engineer", "eve@staff.example", &[]),
        ];
        let configured = |config: &mut Config| {
            config.desk.categories = vec!["Hardware".into(), "Software".into()];
            let saved = [
                ("hours", "# Hours\n\nWe are here **Mon-Fri**."),
                ("reset-password", "Press [Forgot](https://x.example/f)."),
            ];
            config.desk.answers = saved.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
            change(config);
        };
        let (_, desk) = desk_with(&staff, configured, |rules| {
            rules.own = Own { addresses: Vec::new(), everybody: true };
        });
        Self { desk, mails: Cell::new(0), letters: RefCell::new(Vec::new()) }
    }

    /// Takes a mail in: its outcome and its ticket. `fields` end in CRLF, the body follows them.
    pub fn take(&self, from: &str, fields: &str, body: &str) -> (&'static str, Option<i64>) {
        self.mails.set(self.mails.get() + 1);
        let head = format!(
            "From: {from}\r\nTo: support@desk.example\r\nMessage-ID: <m{}@client.example>\r\n",
            self.mails.get()
        );
        let raw = format!(
            "{head}Date: Thu, 26 Nov 2026 08:00:00 +0000\r\n{fields}\r\n{}\r\n",
            body.replace('\n', "\r\n")
        );
        let taken = take(&self.desk, &raw);
        self.letters.borrow_mut().extend(letters(&self.desk));
        (taken.outcome, taken.ticket)
    }

    /// A new ticket.
    pub fn opened(&self, from: &str, subject: &str, text: &str) -> i64 {
        let (outcome, number) = self.take(from, &format!("Subject: {subject}\r\n"), text);
        assert_eq!(outcome, "ticket");
        number.expect("a number")
    }

    /// An answer to the newest letter about a ticket to this person; what came of it.
    pub fn answer(&self, from: &str, number: i64, text: &str) -> &'static str {
        let letter = self.last(from, number);
        self.answer_to(from, &letter, text)
    }

    pub fn answer_to(&self, from: &str, letter: &Letter, text: &str) -> &'static str {
        self.take(from, &format!("Subject: Re: x\r\nIn-Reply-To: {}\r\n", letter.id), text).0
    }

    /// The newest letter to somebody about a ticket; to staff at their own address, from wherever they write.
    pub fn last(&self, to: &str, number: i64) -> Letter {
        self.all(to, number).pop().unwrap_or_else(|| panic!("no letter to {to} about {number}"))
    }

    pub fn all(&self, to: &str, number: i64) -> Vec<Letter> {
        let to = address(if to == BOB_AT_HOME { BOB } else { to });
        let token = format!("[DESK-{number}]");
        let letters = self.letters.borrow();
        letters.iter().filter(|l| l.to == to.as_str() && l.subject.ends_with(&token)).cloned().collect()
    }

    /// The words of the newest result to somebody.
    pub fn result(&self, to: &str) -> String {
        let to = address(to);
        let letters = self.letters.borrow();
        let found = letters.iter().rev().find(|l| l.to == to.as_str() && l.subject.starts_with("Result:"));
        found.expect("a result letter").text.clone()
    }

    pub fn row(&self, number: i64) -> TicketRow {
        self.desk.operator().ticket(number).expect("read").expect("a ticket").0
    }

    pub fn ticket(&self, number: i64) -> Ticket {
        self.row(number).ticket
    }

    pub fn status(&self, number: i64) -> &'static str {
        self.ticket(number).status.as_str()
    }

    pub fn messages(&self, number: i64) -> Vec<MessageRow> {
        self.desk.operator().ticket(number).expect("read").expect("a ticket").1
    }

    /// The new words of all messages of a ticket.
    pub fn words(&self, number: i64) -> Vec<String> {
        self.messages(number).into_iter().map(|m| m.text).collect()
    }

    /// What a person sees of a ticket on the web.
    pub fn seen(&self, who: &str, number: i64) -> Option<Vec<String>> {
        let address = address(who);
        let person = self
            .desk
            .store()
            .read(|c| crate::store::person::by_address(c, &address))
            .expect("read")
            .expect("a person");
        let visitor = Visitor { person: person.id, name: String::new(), address, form_token: String::new() };
        let view = self.desk.visitors().ticket_of(&visitor, number, None).expect("read");
        view.map(|v| v.messages.into_iter().map(|m| m.text).collect())
    }

    /// What the command line orders, in nobody's name.
    pub fn order(&self, number: i64, order: &Ordered<'_>) -> Result<i64, String> {
        self.desk.operator().order(number, None, order).map_err(|e| e.to_string())
    }

    pub fn sql(&self, text: &str) {
        self.desk.store().write(|tx| Ok(tx.conn().execute_batch(text)?)).expect("a statement");
    }
}
