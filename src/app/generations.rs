//! Generations of the derived keys: which there are, and a new one (T81).

use super::error::{Refusal, Trouble};
use super::handles::Operator;
use crate::desk::operator::OperatorOrder;
use crate::store::generation;

/// A generation of the derived keys, without any secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation {
    /// From 1 on.
    pub number: u32,
    /// Seconds since 1970.
    pub since: i64,
    /// When the next one took over; `None`: it is in force.
    pub until: Option<i64>,
}

impl Operator<'_> {
    /// Oldest first; the last one is in force.
    pub fn key_generations(&self) -> Result<Vec<Generation>, Trouble> {
        let all = self.0.store().read(generation::all)?;
        let until = all.iter().skip(1).map(|(_, since)| Some(*since)).chain([None]);
        Ok(all
            .iter()
            .zip(until)
            .map(|((number, since), until)| Generation { number: *number, since: *since, until })
            .collect())
    }

    /// Begins a new generation, which counts from this commit on and in every process; gives back its number.
    /// From now on the reply addresses and ids of earlier letters prove nothing.
    pub fn rotate_keys(&self) -> Result<u32, Refusal> {
        self.operate(&OperatorOrder::RotateKeys)?;
        // Only a transaction tells this process what is in force now.
        Ok(self.0.store().read(generation::newest).map_err(Trouble::from)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::app::Desk;
    use crate::config::Config;
    use crate::desk::seal::{self, Tag};
    use crate::mail::AddrSpec;

    fn config(dir: &std::path::Path) -> Config {
        let mut config = crate::config::nobodys();
        config.data.dir = dir.join("data");
        config.data.key_file = dir.join("desk.key");
        config
    }

    /// A rotation counts at once in a process that is running already, and after the next start; what was
    /// sealed before is still known for ours.
    #[test]
    fn t81_rotate_and_reopen() {
        let dir = tempfile::tempdir().expect("a folder");
        let config = config(dir.path());
        let (daemon, command) =
            (Desk::open(&config).expect("a desk"), Desk::open(&config).expect("the same"));
        let key = std::fs::read(&config.data.key_file).expect("the key");
        let address = |desk: &Desk| {
            let reply = seal::Reply { ticket: 1, person: 2, message: 3, ends_at: 86_400 };
            seal::with_tag(&config.desk.address, '+', &seal::reply_tag(&desk.rules().keys, &reply))
        };
        let read =
            |desk: &Desk, a: &AddrSpec| seal::read_address(&desk.rules().keys, desk.rules().domain(), a, '+');
        let old = address(&daemon);
        assert_eq!(command.operator().rotate_keys().expect("rotated"), 2);
        let seen = daemon.store().write(|_| Ok(read(&daemon, &old)));
        assert!(matches!(seen, Ok(Some(Tag::Revoked(_)))), "from its next transaction on");
        let new = address(&daemon);
        assert_eq!(new, address(&command));
        assert!(matches!(read(&command, &new), Some(Tag::Reply(_))));
        let reopened = Desk::open(&config).expect("it opens with the same key");
        assert!(matches!(
            (read(&reopened, &new), read(&reopened, &old)),
            (Some(Tag::Reply(_)), Some(Tag::Revoked(_)))
        ));
        let all = reopened.operator().key_generations().expect("two");
        assert_eq!(
            all.iter().map(|g| (g.number, g.until)).collect::<Vec<_>>(),
            [(1, Some(all[1].since)), (2, None)]
        );
        assert_eq!(std::fs::read(&config.data.key_file).expect("the key"), key, "the desk's one key stays");
    }

    /// T92: whoever has the desk's key can still follow the chain from its first row.
    #[test]
    fn t81_the_audit_chain_goes_on_over_a_rotation() {
        let desk = Desk::empty().expect("a desk");
        for number in 2..5 {
            assert_eq!(desk.operator().rotate_keys().expect("rotated"), number);
        }
        let rows = desk.store().read(|c| {
            let mut s =
                c.prepare("select at, actor, action, object, detail, chain from audit order by id")?;
            let row = s.query_map([], |r| {
                let at: i64 = r.get(0)?;
                let words = (1..5).map(|i| r.get(i)).collect::<Result<Vec<String>, _>>()?;
                Ok((format!("{at}\0{}", words.join("\0")), r.get::<_, Vec<u8>>(5)?))
            })?;
            Ok(row.collect::<Result<Vec<_>, _>>()?)
        });
        let rows = rows.expect("rows");
        assert_eq!(rows.len(), 3);
        let mut before = Vec::new();
        for (text, chain) in rows {
            assert!(text.contains("operator\0rotate-keys\0keys:"), "{text}");
            before = desk.rules().keys.audit(&before, text.as_bytes()).to_vec();
            assert_eq!(before, chain);
        }
    }
}
