//! Counts, for statistics, status and metrics, and for the review of an installation (`check`).

use super::error::Result;
use super::sql;
use rusqlite::Connection;
use std::collections::BTreeMap;

/// What is there, by state: (`tickets` | `letters` | `mails` | `held` | `kept back`, the state, how many).
pub fn numbers(c: &Connection) -> Result<Vec<(String, String, i64)>> {
    let text = "select 'tickets', status, count(*) from ticket group by status
         union all select 'letters', state, count(*) from letter group by state
         union all select 'mails', outcome, count(*) from mail group by outcome
         union all select 'held', kind, count(*) from held where ended_at is null group by kind
         union all select 'kept back', limit_word, n from kept_back";
    sql::all(c, text, [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
}

/// Mails in the name of staff since then, by the domain of their From: (domain, those that it proved, all),
/// held ones included.
pub fn staff_domains(c: &Connection, since: i64) -> Result<Vec<(String, u32, u32)>> {
    let text = "with seen (address, proven) as (
           select l.from_address, m.verified in ('dkim', 'dmarc') from message m join mail l on l.id = m.mail
             where m.created_at > ?1 and m.kind in ('staff', 'note') and m.via = 'email'
           union all
           select l.from_address, h.verified in ('dkim', 'dmarc') from held h join mail l on l.id = h.mail
             where h.received_at > ?1 and h.person is not null and h.kind = 'held')
         select address, count(*) filter (where proven), count(*) from seen
         where address is not null group by address";
    let rows: Vec<(String, u32, u32)> =
        sql::all(c, text, [since], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    let mut out: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for (address, proven, all) in &rows {
        // What was no address when it was held has no domain, and stands for itself.
        let domain = address.split_once('@').map_or(address.as_str(), |(_, domain)| domain);
        let sums = out.entry(domain).or_default();
        *sums = (sums.0 + proven, sums.1 + all);
    }
    Ok(out.into_iter().map(|(domain, (proven, all))| (domain.to_owned(), proven, all)).collect())
}
