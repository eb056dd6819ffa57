//! Who is staff: from the configuration, and by `maildesk staff`.

use super::error::Result;
use super::person::from_row;
use super::transaction::Tx;
use crate::desk::{Person, Staff};
use crate::mail::AddrSpec;
use rusqlite::{Connection, OptionalExtension};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub address: String,
    pub name: String,
    pub configured: bool,
    pub aliases: Vec<String>,
    /// Wants the daily digest, as the configuration or `staff add` says.
    pub digest: bool,
    /// What the person chose since then.
    pub choice: Option<bool>,
}

impl Row {
    pub fn wants_digest(&self) -> bool {
        self.choice.unwrap_or(self.digest)
    }
}

pub fn all(c: &Connection) -> Result<Vec<Row>> {
    let mut s = c.prepare_cached(
        "select p.id, p.address, s.name, s.configured, s.digest, s.digest_choice from staff s join person p on p.id = s.person where s.removed_at is null order by s.rowid",
    )?;
    let rows = s.query_map([], |r| {
        let (digest, choice) = (r.get(4)?, r.get(5)?);
        let row = Row {
            address: r.get(1)?,
            name: r.get(2)?,
            configured: r.get(3)?,
            aliases: vec![],
            digest,
            choice,
        };
        Ok((r.get::<_, i64>(0)?, row))
    })?;
    let mut out = Vec::new();
    let mut aliases = c.prepare_cached("select address from staff_alias where person = ? order by rowid")?;
    for row in rows {
        let (id, mut row) = row?;
        row.aliases = aliases.query_map([id], |r| r.get(0))?.collect::<std::result::Result<_, _>>()?;
        out.push(row);
    }
    Ok(out)
}

pub fn configured(c: &Connection) -> Result<Vec<Row>> {
    Ok(all(c)?.into_iter().filter(|r| r.configured).collect())
}

/// Adds a staff member or changes him; his person.
pub fn put(tx: &Tx<'_>, row: &Row, now: i64) -> Result<i64> {
    let c = tx.c;
    c.execute(
        "insert or ignore into person (address, name, created_at) values (?, ?, ?)",
        (&row.address, &row.name, now),
    )?;
    let person: i64 = c.query_row("select id from person where address = ?", [&row.address], |r| r.get(0))?;
    c.execute(
        // A choice outlives a restart, but not another word of the configuration.
        "insert into staff (person, name, configured, digest, since) values (?1, ?2, ?3, ?4, ?5)
         on conflict (person) do update set name = ?2, configured = ?3, removed_at = null,
         digest_choice = case when digest = ?4 then digest_choice end, digest = ?4",
        (person, &row.name, row.configured, row.digest, now),
    )?;
    c.execute("delete from staff_alias where person = ?", [person])?;
    for alias in &row.aliases {
        c.execute("insert or replace into staff_alias (address, person) values (?, ?)", (alias, person))?;
    }
    Ok(person)
}

/// Staff who want the daily digest.
pub fn with_digest(c: &Connection) -> Result<Vec<i64>> {
    let mut s = c.prepare_cached(
        "select person from staff where removed_at is null and coalesce(digest_choice, digest) order by person",
    )?;
    Ok(s.query_map([], |r| r.get(0))?.collect::<std::result::Result<_, _>>()?)
}

/// What a staff member wants from now on.
pub fn choose_digest(tx: &Tx<'_>, person: i64, on: bool) -> Result<()> {
    tx.c.execute("update staff set digest_choice = ? where person = ?", (on, person))?;
    Ok(())
}

/// The same by address; false: nobody on the staff has it.
pub fn choose_digest_of(tx: &Tx<'_>, address: &str, on: bool) -> Result<bool> {
    let sql = "update staff set digest_choice = ? where removed_at is null and person = (select id from person where address = ?)";
    Ok(tx.c.execute(sql, (on, address))? == 1)
}

/// Removes a staff member at once; what he wrote stays.
pub fn remove(tx: &Tx<'_>, address: &str, now: i64) -> Result<Option<i64>> {
    let c = tx.c;
    let person: Option<i64> =
        c.query_row("select id from person where address = ?", [address], |r| r.get(0)).optional()?;
    if let Some(person) = person {
        c.execute("update staff set removed_at = ? where person = ?", (now, person))?;
        c.execute("delete from staff_alias where person = ?", [person])?;
        c.execute("update ticket set assignee = null where assignee = ?", [person])?;
        // What waits for him as staff tells of customers; what he gets as one of them leaves as ever.
        c.execute(
            "update letter set state = 'cancelled', next_at = null, settled_at = ?, reason = 'its reader is no longer staff'
             where person = ? and state in ('queued', 'deferred', 'unknown')
               and kind in ('notification', 'result', 'hold', 'summary', 'digest')",
            (now, person),
        )?;
    }
    Ok(person)
}

/// Staff, as decisions know them.
pub fn members(c: &Connection) -> Result<Vec<Staff>> {
    let mut s = c.prepare_cached(
        // Ordered by the small table's column: by the other one the planner walks all persons.
        "select p.id, p.address, s.name, p.spam from staff s join person p on p.id = s.person where s.removed_at is null
         order by s.person",
    )?;
    let persons: Vec<Person> = s.query_map([], from_row)?.collect::<std::result::Result<_, _>>()?;
    let mut aliases =
        c.prepare_cached("select address from staff_alias where person = ? order by address")?;
    let mut out = Vec::with_capacity(persons.len());
    for person in persons {
        let found = aliases.query_map([person.id], |r| r.get::<_, String>(0))?;
        let list = found
            .collect::<std::result::Result<Vec<_>, _>>()?
            .iter()
            .filter_map(|a| AddrSpec::parse(a))
            .collect();
        out.push(Staff { person, aliases: list });
    }
    Ok(out)
}
