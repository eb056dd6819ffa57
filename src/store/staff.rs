//! Who is staff: from the configuration, and by `maildesk staff`.

use super::error::Result;
use super::transaction::Tx;
use super::{person, sql};
use crate::desk::model::{Staff, StaffRow};
use crate::mail::AddrSpec;
use rusqlite::Connection;

/// All staff, in the order of their persons.
pub fn all(c: &Connection) -> Result<Vec<StaffRow>> {
    let text = "select p.id, p.address, s.name, s.configured, s.digest, s.digest_choice
         from staff s join person p on p.id = s.person where s.removed_at is null order by s.person";
    let rows = sql::all(c, text, [], |r| {
        let (digest, choice, aliases) = (r.get(4)?, r.get(5)?, Vec::new());
        let address = person::address(&r.get::<_, String>(1)?);
        let (name, configured) = (r.get(2)?, r.get(3)?);
        Ok((r.get::<_, i64>(0)?, StaffRow { address, name, configured, aliases, digest, choice }))
    })?;
    let text = "select address from staff_alias where person = ?1 order by place";
    let with_aliases = |(person, row): (i64, StaffRow)| -> Result<StaffRow> {
        let aliases = sql::all(c, text, [person], |r| r.get::<_, String>(0))?;
        Ok(StaffRow { aliases: aliases.iter().filter_map(|a| AddrSpec::parse(a)).collect(), ..row })
    };
    rows.into_iter().map(with_aliases).collect()
}

/// Staff, as decisions know them.
pub fn members(c: &Connection) -> Result<Vec<Staff>> {
    // Ordered by the small table's column: by the other one the planner walks all persons.
    let text = "select p.id, p.address, s.name, p.spam from staff s join person p on p.id = s.person
         where s.removed_at is null order by s.person";
    let persons = sql::all(c, text, [], person::from_row)?;
    let mut out = Vec::with_capacity(persons.len());
    for person in persons {
        let text = "select address from staff_alias where person = ?1 order by address";
        let aliases = sql::all(c, text, [person.id], |r| r.get::<_, String>(0))?;
        let aliases = aliases.iter().filter_map(|a| AddrSpec::parse(a)).collect();
        out.push(Staff { person, aliases });
    }
    Ok(out)
}

/// Adds a staff member or changes one; their person.
pub fn put(tx: &Tx<'_>, row: &StaffRow, now: i64) -> Result<i64> {
    let c = tx.c;
    let text = "insert into person (address, name, created_at) values (?1, ?2, ?3) on conflict do nothing";
    sql::run(c, text, (row.address.as_str(), &row.name, now))?;
    let person = sql::one(c, "select id from person where address = ?1", [row.address.as_str()], |r| {
        r.get::<_, i64>(0)
    })?;
    // A choice outlives a restart, but not another word of the configuration.
    let text = "insert into staff (person, name, configured, digest, since) values (?1, ?2, ?3, ?4, ?5)
         on conflict (person) do update set name = ?2, configured = ?3, removed_at = null,
           digest_choice = case when staff.digest = ?4 then staff.digest_choice end, digest = ?4";
    sql::run(c, text, (person, &row.name, row.configured, row.digest, now))?;
    sql::run(c, "delete from staff_alias where person = ?1", [person])?;
    for (place, alias) in row.aliases.iter().enumerate() {
        let text = "insert into staff_alias (address, person, place) values (?1, ?2, ?3)
             on conflict (address) do update set person = excluded.person, place = excluded.place";
        sql::run(c, text, (alias.as_str(), person, sql::count(place)))?;
    }
    Ok(person)
}

/// Staff who want the daily digest, in the order of their numbers.
pub fn with_digest(c: &Connection) -> Result<Vec<i64>> {
    let text = "select person from staff
         where removed_at is null and coalesce(digest_choice, digest) order by person";
    sql::all(c, text, [], |r| r.get(0))
}

/// What a staff member wants from now on.
pub fn choose_digest(tx: &Tx<'_>, person: i64, on: bool) -> Result<()> {
    sql::run(tx.c, "update staff set digest_choice = ?1 where person = ?2", (on, person))?;
    Ok(())
}

/// The same by address.
pub fn choose_digest_of(tx: &Tx<'_>, address: &AddrSpec, on: bool) -> Result<()> {
    let text = "update staff set digest_choice = ?1
         where removed_at is null and person = (select id from person where address = ?2)";
    sql::run(tx.c, text, (on, address.as_str()))?;
    Ok(())
}

/// Removes a staff member at once; what they wrote stays. Their person; `None`: nobody has this address.
pub fn remove(tx: &Tx<'_>, address: &AddrSpec, now: i64) -> Result<Option<i64>> {
    let c = tx.c;
    let Some(person) = person::id_of(c, address)? else { return Ok(None) };
    sql::run(c, "update staff set removed_at = ?1 where person = ?2", (now, person))?;
    sql::run(c, "delete from staff_alias where person = ?1", [person])?;
    sql::run(c, "update ticket set assignee = null where assignee = ?1", [person])?;
    // What waits for them as staff tells of customers; what they get as one of them leaves as ever.
    // The words of `letter_open`, or every letter ever is walked.
    let text = "update letter set state = 'cancelled', next_at = null, settled_at = ?1,
           reason = 'its reader is no longer staff'
         where person = ?2 and state in ('queued', 'deferred', 'unknown')
           and state not in ('sent', 'cancelled')
           and kind in ('notification', 'result', 'hold', 'summary', 'digest')";
    sql::run(c, text, (now, person))?;
    Ok(Some(person))
}
