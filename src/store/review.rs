//! Reads for the review of an installation (`check`).

use super::Result;
use rusqlite::Connection;

/// Mails in the name of staff since then, by the domain of their From: (domain, those that it proved, all),
/// held ones included.
pub fn staff_domains(c: &Connection, since: i64) -> Result<Vec<(String, u32, u32)>> {
    let mut s = c.prepare_cached(
        "with seen (address, proven) as (
           select l.from_address, m.verified in ('dkim', 'dmarc') from message m join mail l on l.id = m.mail
             where m.created_at > ?1 and m.kind in ('staff', 'note') and m.via = 'email'
           union all
           select l.from_address, h.verified in ('dkim', 'dmarc') from held h join mail l on l.id = h.mail
             where h.received_at > ?1 and h.person is not null and h.kind = 'held')
         select substr(address, instr(address, '@') + 1) as domain, sum(proven), count(*) from seen
         where address is not null group by domain order by domain",
    )?;
    Ok(s.query_map([since], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
        .collect::<std::result::Result<_, _>>()?)
}
