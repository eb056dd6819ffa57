//! Sessions of visitors: links, cookies, and who is signed in (T59 to T69).

use super::clock::now;
use super::error::Trouble;
use super::handles::Visitors;
use super::values::Visitor;
use crate::desk::Event;
use crate::desk::model::form::SessionStart;
use crate::desk::visitor::Form;
use crate::mail::AddrSpec;
use crate::store::session;
use sha2::{Digest, Sha256};

/// Where a request came from.
#[derive(Debug, Clone)]
pub struct Client {
    /// /32 or /64, for limits.
    pub network: String,
    /// Its whole IP address (D05).
    pub ip: String,
    /// The User-Agent of its browser (RFC 9110 §10.1.5).
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
    /// The address that a live link would sign in; `None` for every dead one.
    pub fn link_holder(&self, token: &str) -> Result<Option<AddrSpec>, Trouble> {
        let Some(hash) = hash(token) else { return Ok(None) };
        let row = self.0.store().read(|c| session::link(c, &self.0.rules().bounds, &hash, now()))?;
        Ok(row.and_then(|(_, _, address)| AddrSpec::parse(&address)))
    }

    /// Uses the link up and opens a session: the value of its cookie and the path to go to. `None`: the link
    /// is dead.
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

    /// Who is signed in with this cookie; `None`: nobody.
    pub fn visitor(&self, cookie: &str) -> Result<Option<Visitor>, Trouble> {
        let Some(hash) = hash(cookie) else { return Ok(None) };
        let row = self.0.store().read(|c| session::signed_in(c, &self.0.rules().bounds, &hash, now()))?;
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

    /// Mails a link to a known address and does nothing for an unknown one. The caller does not wait for it
    /// (T66).
    pub fn ask_link(&self, typed: &str, client: &Client) {
        let Some(address) = AddrSpec::parse(typed) else { return };
        let form = Form::AskLink { address: &address, network: &client.network };
        if let Err(e) = self.0.happen(&Event::Form(&form)) {
            tracing::warn!("a link could not be made: {e}");
        }
    }

    /// The hidden value of a form: a seal of `value` that counts for this purpose alone (T69).
    pub fn page_seal(&self, purpose: &str, value: &str) -> String {
        self.0.rules().keys.page(purpose, value)
    }
}
