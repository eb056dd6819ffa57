//! The audit log: what it says, and whether somebody changed it (T92).

use super::error::Trouble;
use super::handles::Operator;
use crate::desk::model::listed::AuditRow;
use crate::store::audit;

/// Whether the chain of the audit log holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// It does, over so many rows.
    Holds(u64),
    /// The row of this number, or one before it, was changed, added or taken away.
    Broken(i64),
    /// So many rows at its end were taken away.
    Cut(i64),
}

impl Operator<'_> {
    /// Hands on every row, oldest first, and says whether the chain holds.
    pub fn audit_log(&self, mut each: impl FnMut(&AuditRow)) -> Result<Chain, Trouble> {
        let rules = self.0.rules();
        let (mut broken, mut rows) = (None, 0);
        let missing = self.0.store().read(|c| {
            audit::read(c, rules, |row, holds| {
                rows += 1;
                if !holds && broken.is_none() {
                    broken = Some(row.id);
                }
                each(&row);
            })
        })?;
        Ok(match (broken, missing) {
            (Some(id), _) => Chain::Broken(id),
            (None, 0) => Chain::Holds(rows),
            (None, missing) => Chain::Cut(missing),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing::{BOB, desk};
    use crate::app::{Desk, StaffChange, testing};

    fn with_rows() -> Desk {
        let (_, desk) = desk(&[BOB]);
        for n in 1..=4 {
            let address = testing::address(&format!("s{n}@staff.example"));
            let change = StaffChange::Add { address: &address, name: "x", aliases: &[] };
            desk.operator().change_staff(&change).expect("staff");
        }
        desk
    }

    fn chain(desk: &Desk) -> Chain {
        desk.operator().audit_log(|_| {}).expect("read")
    }

    #[test]
    fn t92_whoever_changes_the_audit_log_is_found_out() {
        assert_eq!(chain(&with_rows()), Chain::Holds(5));
        for (change, found) in [
            ("update audit set detail = 'x' where id = 3", Chain::Broken(3)),
            ("update audit set actor = 'person:1' where id = 1", Chain::Broken(1)),
            ("update audit set at = at + 1 where id = 5", Chain::Broken(5)),
            ("update audit set chain = x'00' where id = 2", Chain::Broken(2)),
            ("delete from audit where id = 2", Chain::Broken(3)),
            ("delete from audit where id = 1", Chain::Broken(2)),
            ("delete from audit where id >= 4", Chain::Cut(2)),
            ("delete from audit", Chain::Cut(5)),
            (
                "insert into audit (at, actor, action, object, detail, chain)
                 select at, actor, action, object, detail, chain from audit where id = 5",
                Chain::Broken(6),
            ),
        ] {
            let desk = with_rows();
            desk.store().write(|tx| Ok(tx.conn().execute_batch(change)?)).expect("changed");
            assert_eq!(chain(&desk), found, "{change}");
        }
    }
}
