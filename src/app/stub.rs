//! A fake `Desk` for building the web edge. Not to be merged.

use super::face::{FileView, Health, MessageView, TicketView, Visitor};
use crate::mail::AddrSpec;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
pub struct Desk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    links: HashMap<String, AddrSpec>,
    sessions: HashMap<String, AddrSpec>,
    posts: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("{0}")]
    Busy(String),
    #[error("{0}")]
    Full(String),
    #[error("{0}")]
    Broken(String),
}

#[derive(Debug)]
pub struct Client {
    pub network: String,
    pub ip: String,
    pub agent: String,
}

fn token() -> String {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).unwrap();
    data_encoding::BASE64URL_NOPAD.encode(&bytes)
}

fn message(id: i64, kind: &str, own: bool, text: &str) -> MessageView {
    MessageView {
        id,
        kind: kind.into(),
        author: if own { "Alice".into() } else { "Bob Builder".into() },
        own,
        text: text.into(),
        quoted: if own { String::new() } else { "> It burns.\n> <b>Please</b> help".into() },
        created_at: 1_795_000_000 + id * 4000,
        files: vec![],
    }
}

impl Desk {
    pub fn fake_link(&self, address: &str) -> String {
        let t = token();
        let address = AddrSpec::parse(address).unwrap();
        self.0.lock().unwrap().links.insert(t.clone(), address);
        t
    }
    pub fn link_holder(&self, token: &str) -> Result<Option<AddrSpec>, Trouble> {
        Ok(self.0.lock().unwrap().links.get(token).cloned())
    }
    pub fn sign_in(
        &self,
        link: &str,
        client: &Client,
    ) -> Result<Option<(String, String)>, Trouble> {
        eprintln!("sign in from {client:?}");
        let mut state = self.0.lock().unwrap();
        let Some(who) = state.links.remove(link) else {
            return Ok(None);
        };
        let t = token();
        state.sessions.insert(t.clone(), who);
        Ok(Some((t, "/tickets/1042".into())))
    }
    pub fn visitor(&self, cookie: &str) -> Result<Option<Visitor>, Trouble> {
        let state = self.0.lock().unwrap();
        Ok(state.sessions.get(cookie).map(|address| Visitor {
            person: 1,
            name: "Alice".into(),
            address: address.clone(),
            form_token: format!("F{cookie}"),
        }))
    }
    pub fn sign_out(&self, cookie: &str) -> Result<(), Trouble> {
        self.0.lock().unwrap().sessions.remove(cookie);
        Ok(())
    }
    pub fn ask_link(&self, typed: &str, client: &Client) {
        eprintln!("LINK {typed} {client:?} {}", self.fake_link(typed));
    }
    pub fn tickets_of(&self, who: &Visitor) -> Result<Vec<TicketView>, Trouble> {
        let one = |n, s: &str, t: &str| {
            let mut ticket = self.ticket_of(who, 1042).unwrap().unwrap();
            (ticket.number, ticket.status, ticket.subject) = (n, s.into(), t.into());
            ticket
        };
        Ok(vec![
            one(1042, "waiting", "Printer is on fire \"><svg onload=alert(1)>"),
            one(1041, "open", "A_very_long_subject_without_any_space_in_it_that_has_to_break_somewhere_on_a_small_screen"),
            one(1001, "closed", ""),
        ])
    }
    pub fn ticket_of(&self, _who: &Visitor, number: i64) -> Result<Option<TicketView>, Trouble> {
        if number != 1042 {
            return Ok(None);
        }
        let mut messages = vec![
            message(1, "customer", true, "It burns.\n\n<script>alert(1)</script>\n  indented\n\nAlice"),
            message(2, "staff", false, "Please pull the plug, and tell us which model it is."),
        ];
        messages[0].files = vec![FileView {
            id: 7,
            filename: "fire \"1\" <b>.jpg".into(),
            media_type: "image/jpeg".into(),
            size: 1_234_567,
        }];
        for (i, words) in self.0.lock().unwrap().posts.iter().enumerate() {
            messages.push(message(3 + i as i64, "customer", true, words));
        }
        Ok(Some(TicketView {
            number,
            token: "DARGO-1042".into(),
            subject: "Printer is on fire".into(),
            status: "waiting".into(),
            updated_at: 1_795_000_000,
            messages,
        }))
    }
    pub fn post(&self, _who: &Visitor, number: i64, words: &str) -> Result<Option<()>, Trouble> {
        if number != 1042 {
            return Ok(None);
        }
        self.0.lock().unwrap().posts.push(words.into());
        Ok(Some(()))
    }
    pub fn file_of(
        &self,
        who: &Visitor,
        file: i64,
    ) -> Result<Option<(FileView, Vec<u8>)>, Trouble> {
        let ticket = self.ticket_of(who, 1042)?.unwrap();
        Ok((file == 7).then(|| (ticket.messages[0].files[0].clone(), b"JPEG".to_vec())))
    }
    pub fn page_seal(&self, purpose: &str, value: &str) -> String {
        format!("{purpose}-{}", value.len() + value.bytes().map(usize::from).sum::<usize>())
    }
    pub fn health(&self) -> Vec<Health> {
        ["mailbox:support", "smtp", "store"]
            .map(|part| Health { part: part.into(), good: true, detail: "x".into(), at: 0 })
            .to_vec()
    }
    #[allow(clippy::type_complexity)]
    pub fn numbers(
        &self,
    ) -> Result<Vec<(&'static str, &'static str, Vec<(&'static str, String)>, f64)>, Trouble> {
        Ok(vec![("maildesk_mails_total", "Mails", vec![("outcome", "ticket".into())], 3.0)])
    }
    pub fn rules_name(&self) -> String {
        "Fake".into()
    }
}
