//! Who is staff: from the configuration, and by `maildesk staff`.

use super::{Result, Tx};
use rusqlite::{Connection, OptionalExtension};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub address: String,
    pub name: String,
    pub configured: bool,
    pub aliases: Vec<String>,
}

pub fn all(c: &Connection) -> Result<Vec<Row>> {
    let mut s = c.prepare_cached(
        "select p.id, p.address, s.name, s.configured from staff s join person p on p.id = s.person where s.removed_at is null order by s.rowid",
    )?;
    let rows = s.query_map([], |r| {
        Ok((r.get::<_, i64>(0)?, Row { address: r.get(1)?, name: r.get(2)?, configured: r.get(3)?, aliases: vec![] }))
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
    c.execute("insert or ignore into person (address, name, created_at) values (?, ?, ?)", (&row.address, &row.name, now))?;
    let person: i64 = c.query_row("select id from person where address = ?", [&row.address], |r| r.get(0))?;
    c.execute(
        "insert into staff (person, name, configured, since) values (?1, ?2, ?3, ?4)
         on conflict (person) do update set name = ?2, configured = ?3, removed_at = null",
        (person, &row.name, row.configured, now),
    )?;
    c.execute("delete from staff_alias where person = ?", [person])?;
    for alias in &row.aliases {
        c.execute("insert or replace into staff_alias (address, person) values (?, ?)", (alias, person))?;
    }
    Ok(person)
}

/// Removes a staff member at once; what he wrote stays.
pub fn remove(tx: &Tx<'_>, address: &str, now: i64) -> Result<Option<i64>> {
    let c = tx.c;
    let person: Option<i64> = c.query_row("select id from person where address = ?", [address], |r| r.get(0)).optional()?;
    if let Some(person) = person {
        c.execute("update staff set removed_at = ? where person = ?", (now, person))?;
        c.execute("delete from staff_alias where person = ?", [person])?;
        c.execute("update ticket set assignee = null where assignee = ?", [person])?;
    }
    Ok(person)
}
