//! Counts, for statistics, status and metrics, and for the review of an installation (`check`).

use super::error::Result;
use super::sql;
use crate::desk::model::{LetterState, Limit, Outcome, Status};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// Something that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Tickets of a status.
    Tickets(Status),
    /// Letters that are so far on their way.
    Letters(LetterState),
    /// Mails with an outcome.
    Mails(Outcome),
    /// Mails that wait for somebody's word.
    Held,
    /// Mails that wait in quarantine.
    Quarantined,
    /// Letters that a limit kept back.
    KeptBack(Limit),
}

impl Counted {
    /// What is counted, as `status` lists it.
    pub fn subject(self) -> &'static str {
        match self {
            Self::Tickets(_) => "tickets",
            Self::Letters(_) => "letters",
            Self::Mails(_) => "mails",
            Self::Held | Self::Quarantined => "held",
            Self::KeptBack(_) => "kept back",
        }
    }

    /// Which of them, in the word by which they are kept.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tickets(status) => status.as_str(),
            Self::Letters(state) => state.as_str(),
            Self::Mails(outcome) => outcome.as_str(),
            Self::Held => "held",
            Self::Quarantined => "quarantine",
            Self::KeptBack(limit) => limit.as_str(),
        }
    }

    fn from_words(subject: &str, word: &str) -> Option<Self> {
        match (subject, word) {
            ("tickets", word) => Status::from_word(word).map(Self::Tickets),
            ("letters", word) => LetterState::from_word(word).map(Self::Letters),
            ("mails", word) => Outcome::from_word(word).map(Self::Mails),
            ("held", "held") => Some(Self::Held),
            ("held", "quarantine") => Some(Self::Quarantined),
            ("kept back", word) => Limit::from_word(word).map(Self::KeptBack),
            _ => None,
        }
    }
}

/// How many there are of each; what there is none of is left out. The numbers are kept: nothing is counted.
pub fn counts(c: &Connection) -> Result<Vec<(Counted, i64)>> {
    let text = "select what, word, n from (
           select what, word, n from counter where n > 0
           union all select 'kept back', limit_word, n from kept_back) as x
         order by case what when 'tickets' then 1 when 'letters' then 2 when 'mails' then 3
           when 'held' then 4 else 5 end, word";
    let rows = sql::all(c, text, [], |r| {
        let counted = Counted::from_words(&r.get::<_, String>(0)?, &r.get::<_, String>(1)?);
        Ok((counted, r.get(2)?))
    })?;
    Ok(rows.into_iter().filter_map(|(counted, n)| Some((counted?, n))).collect())
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
