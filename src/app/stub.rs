//! The face of `Desk` alone, for building the web edge. Not to be merged.

use super::face::{FileView, Health, TicketView, Visitor};
use crate::mail::AddrSpec;

#[derive(Clone)]
pub struct Desk;

#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("{0}")]
    Busy(String),
    #[error("{0}")]
    Full(String),
    #[error("{0}")]
    Broken(String),
}

pub struct Client {
    pub network: String,
    pub ip: String,
    pub agent: String,
}

impl Desk {
    pub fn link_holder(&self, _token: &str) -> Result<Option<AddrSpec>, Trouble> {
        unimplemented!()
    }
    pub fn sign_in(
        &self,
        _token: &str,
        _client: &Client,
    ) -> Result<Option<(String, String)>, Trouble> {
        unimplemented!()
    }
    pub fn visitor(&self, _cookie: &str) -> Result<Option<Visitor>, Trouble> {
        unimplemented!()
    }
    pub fn sign_out(&self, _cookie: &str) -> Result<(), Trouble> {
        unimplemented!()
    }
    pub fn ask_link(&self, _typed: &str, _client: &Client) {
        unimplemented!()
    }
    pub fn tickets_of(&self, _who: &Visitor) -> Result<Vec<TicketView>, Trouble> {
        unimplemented!()
    }
    pub fn ticket_of(&self, _who: &Visitor, _number: i64) -> Result<Option<TicketView>, Trouble> {
        unimplemented!()
    }
    pub fn post(&self, _who: &Visitor, _number: i64, _words: &str) -> Result<Option<()>, Trouble> {
        unimplemented!()
    }
    pub fn file_of(
        &self,
        _who: &Visitor,
        _file: i64,
    ) -> Result<Option<(FileView, Vec<u8>)>, Trouble> {
        unimplemented!()
    }
    pub fn page_seal(&self, _purpose: &str, _value: &str) -> String {
        unimplemented!()
    }
    pub fn health(&self) -> Vec<Health> {
        unimplemented!()
    }
    #[allow(clippy::type_complexity)]
    pub fn numbers(
        &self,
    ) -> Result<Vec<(&'static str, &'static str, Vec<(&'static str, String)>, f64)>, Trouble> {
        unimplemented!()
    }
    pub fn rules_name(&self) -> String {
        unimplemented!()
    }
}
