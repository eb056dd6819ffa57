//! Reads for the review of an installation (`check`).

use super::error::Result;
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

/// Rows per word: (`tickets` | `letters` | `mails` | `held` | `kept back`, label, count).
pub fn numbers(c: &Connection) -> Result<Vec<(String, String, i64)>> {
    let mut s = c.prepare_cached(
        "select 'tickets', status, count(*) from ticket group by status
         union all select 'letters', state, count(*) from letter group by state
         union all select 'mails', outcome, count(*) from mail group by outcome
         union all select 'held', kind, count(*) from held where ended_at is null group by kind
         union all select 'kept back', limit_word, n from kept_back",
    )?;
    Ok(s.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?.collect::<std::result::Result<_, _>>()?)
}
