//! Persons: everybody who wrote to the desk or was written to.

use super::error::Result;
use super::sql;
use crate::desk::model::listed::Shown;
use crate::desk::model::{Person, Spam};
use crate::mail::AddrSpec;
use rusqlite::{Connection, Row};

/// In the column `spam`; 0 is none of it, and 1 all.
const UNPROVEN: i64 = 2;

/// A person from the columns `id, address, name, spam`.
pub fn from_row(r: &Row<'_>) -> rusqlite::Result<Person> {
    let spam = match r.get::<_, i64>(3)? {
        0 => Spam::No,
        UNPROVEN => Spam::Unproven,
        _ => Spam::Always,
    };
    Ok(Person { id: r.get(0)?, address: address(&r.get::<_, String>(1)?), name: r.get(2)?, spam })
}

/// An address from its column. Addresses in the database were strict when they were written.
pub fn address(text: &str) -> AddrSpec {
    AddrSpec::parse(text).unwrap_or_else(|| AddrSpec::parse("unreadable@invalid").expect("a literal"))
}

/// The person with this number, which another row names.
pub fn by_id(c: &Connection, id: i64) -> Result<Person> {
    sql::one(c, "select id, address, name, spam from person where id = ?1", [id], from_row)
}

/// The person with this address; `None`: nobody wrote from it or was written to there.
pub fn by_address(c: &Connection, address: &AddrSpec) -> Result<Option<Person>> {
    let text = "select id, address, name, spam from person where address = ?1";
    sql::first(c, text, [address.as_str()], from_row)
}

/// The number of the person with this address; `None`: nobody has it.
pub fn id_of(c: &Connection, address: &AddrSpec) -> Result<Option<i64>> {
    sql::first(c, "select id from person where address = ?1", [address.as_str()], |r| r.get(0))
}

/// The person with this number, which another row names, as people are shown.
pub fn shown(c: &Connection, id: i64) -> Result<Shown> {
    let text = "select p.id, coalesce(s.name, p.name), p.address
                from person p left join staff s on s.person = p.id where p.id = ?1";
    sql::one(c, text, [id], |r| Ok(Shown { id: r.get(0)?, name: r.get(1)?, address: r.get(2)? }))
}

/// Writes a person whose number the decision chose; an older one gets this name.
pub fn put(c: &Connection, id: i64, address: &AddrSpec, name: &str, now: i64) -> Result<()> {
    let text = "insert into person (id, address, name, created_at) values (?1, ?2, ?3, ?4)
                on conflict (id) do update set name = excluded.name";
    sql::run(c, text, (id, address.as_str(), name, now))?;
    Ok(())
}

/// Mail of a person is quarantined from now on, or no longer (`#spam`).
pub fn set_spam(c: &Connection, person: i64, which: Spam) -> Result<()> {
    let number = match which {
        Spam::No => 0,
        Spam::Unproven => UNPROVEN,
        Spam::Always => 1,
    };
    sql::run(c, "update person set spam = ?1 where id = ?2", (number, person))?;
    Ok(())
}

/// A letter to a person failed for good.
pub fn set_undeliverable(c: &Connection, person: i64, now: i64) -> Result<()> {
    sql::run(c, "update person set undeliverable_at = ?1 where id = ?2", (now, person))?;
    Ok(())
}
