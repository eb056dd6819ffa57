//! Persons: everybody who wrote to the desk or was written to.

use super::error::Result;
use crate::desk::Person;
use crate::mail::AddrSpec;
use rusqlite::{Connection, OptionalExtension, Row};

pub fn from_row(r: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person { id: r.get(0)?, address: address(&r.get::<_, String>(1)?), name: r.get(2)?, spam: r.get(3)? })
}

/// Addresses in the database were strict when they were written.
pub fn address(text: &str) -> AddrSpec {
    AddrSpec::parse(text).unwrap_or_else(|| AddrSpec::parse("unreadable@invalid").expect("a literal"))
}

pub fn by_id(c: &Connection, id: i64) -> Result<Person> {
    let mut s = c.prepare_cached("select id, address, name, spam from person where id = ?")?;
    Ok(s.query_row([id], from_row)?)
}

/// The person with this address.
pub fn by_address(c: &Connection, address: &AddrSpec) -> Result<Option<Person>> {
    let mut s = c.prepare_cached("select id, address, name, spam from person where address = ?")?;
    Ok(s.query_row([address.as_str()], from_row).optional()?)
}

/// A person as shown: name and address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub id: i64,
    pub name: String,
    pub address: String,
}

pub fn shown(c: &Connection, id: i64) -> Result<Shown> {
    let mut s = c.prepare_cached(
        "select p.id, coalesce(s.name, p.name), p.address from person p left join staff s on s.person = p.id where p.id = ?",
    )?;
    Ok(s.query_row([id], |r| Ok(Shown { id: r.get(0)?, name: r.get(1)?, address: r.get(2)? }))?)
}
