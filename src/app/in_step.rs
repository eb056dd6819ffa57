//! The staff of the configuration and those of the database. Only the daemon brings the two in step; a
//! command that looks changes nobody (T121).

use super::desk::Desk;
use super::error::Trouble;
use super::handles::Operator;
use super::poke::daemon_listens;
use crate::config::StaffConfig;
use crate::desk::operator::{OperatorOrder, StaffSteps, staff_steps};
use crate::desk::{Event, StaffRow};
use crate::store;

fn rows(configured: &[StaffConfig]) -> Vec<StaffRow> {
    let row = |s: &StaffConfig| StaffRow {
        address: s.address.clone(),
        name: s.name.clone(),
        configured: true,
        aliases: s.aliases.clone(),
        digest: s.digest,
        choice: None,
    };
    configured.iter().map(row).collect()
}

impl Desk {
    /// Makes the staff of the configuration staff in the database, and removes those who no longer stand
    /// there. The log says who leaves, before they do.
    pub(super) fn staff_in_step(&self, configured: &[StaffConfig]) -> Result<(), Trouble> {
        let steps = self.staff_steps(configured, true)?;
        for row in &steps.gone {
            tracing::warn!("{} stands in no [[staff]] any more and is no longer staff", row.name);
        }
        for row in &steps.kept {
            tracing::warn!(
                "the configuration names no staff at all; {} stood there, stays staff and is kept in the \
                 database from now on; maildesk staff remove removes them",
                row.name
            );
        }
        self.take_steps(&steps, configured, true)
    }

    /// The same for a command that acts where no daemon runs: it adds those who are missing, so that they
    /// hear of what it does, and removes nobody.
    pub(super) fn add_missing_staff(&self, configured: &[StaffConfig]) -> Result<(), Trouble> {
        self.take_steps(&self.staff_steps(configured, false)?, configured, false)
    }

    fn staff_steps(&self, configured: &[StaffConfig], whole: bool) -> Result<StaffSteps, Trouble> {
        Ok(staff_steps(&self.store().read(store::staff::all)?, &rows(configured), whole))
    }

    fn take_steps(&self, steps: &StaffSteps, configured: &[StaffConfig], whole: bool) -> Result<(), Trouble> {
        // Nearly always nothing changed, and nobody waits for somebody else who writes.
        if !steps.is_empty() {
            let rows = rows(configured);
            self.happen(&Event::Order(&OperatorOrder::StaffOfConfiguration { rows: &rows, whole }))?;
        }
        Ok(())
    }
}

impl Operator<'_> {
    /// Everybody who is staff, as the next command that acts would see them: beside a daemon those whom it
    /// knows, and where none runs, also those whom the configuration names since.
    pub fn staff_beside(&self, configured: &[StaffConfig]) -> Result<Vec<StaffRow>, Trouble> {
        let mut all = self.staff()?;
        if self.0.0.dir.as_deref().is_some_and(daemon_listens) {
            return Ok(all);
        }
        for row in rows(configured) {
            match all.iter_mut().find(|have| have.address == row.address) {
                Some(have) => *have = StaffRow { choice: have.choice, ..row },
                None => all.push(row),
            }
        }
        Ok(all)
    }

    /// What the next start of the daemon would change about who is staff.
    pub fn steps_of_next_start(&self, configured: &[StaffConfig]) -> Result<StaffSteps, Trouble> {
        self.0.staff_steps(configured, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing::{BOB, EVE, address};
    use crate::config::{Config, nobodys};
    use std::path::Path;

    fn config(dir: &Path, staff: &[&str]) -> Config {
        let mut config = nobodys();
        config.data.dir = dir.join("data");
        config.data.key_file = dir.join("data/desk.key");
        let member = |at: &&str| StaffConfig {
            name: at.split('@').next().unwrap_or_default().to_owned(),
            address: address(at),
            aliases: Vec::new(),
            digest: false,
        };
        config.staff = staff.iter().map(member).collect();
        config
    }

    fn staff(desk: &Desk) -> Vec<(String, bool)> {
        let all = desk.operator().staff().expect("staff");
        all.into_iter().map(|s| (s.address.to_string(), s.configured)).collect()
    }

    fn named(all: &[(&str, bool)]) -> Vec<(String, bool)> {
        all.iter().map(|(at, configured)| ((*at).to_owned(), *configured)).collect()
    }

    /// The daemon alone removes whom the configuration no longer names, and a configuration that names nobody
    /// removes nobody.
    #[test]
    fn t121_only_the_daemon_removes_staff_and_no_missing_section_does() {
        let dir = tempfile::tempdir().expect("a folder");
        let both = config(dir.path(), &[BOB, EVE]);
        assert_eq!(staff(&Desk::open(&both).expect("no daemon runs")), named(&[(BOB, true), (EVE, true)]));
        for less in [&[BOB][..], &[]] {
            let less = config(dir.path(), less);
            let desk = Desk::look(&less).expect("it looks");
            assert_eq!(staff(&desk).len(), 2);
            assert_eq!(staff(&Desk::open(&less).expect("it acts")).len(), 2);
            let steps = desk.operator().steps_of_next_start(&less.staff).expect("steps");
            assert_eq!(steps.gone.len() + steps.kept.len(), 2 - less.staff.len(), "it is told before");
        }
        let alone = config(dir.path(), &[BOB]);
        assert_eq!(staff(&Desk::open_in_step(&alone).expect("the daemon")), named(&[(BOB, true)]));
        let none = config(dir.path(), &[]);
        let desk = Desk::open_in_step(&none).expect("the daemon");
        assert_eq!(staff(&desk), named(&[(BOB, false)]), "now `staff remove` can remove Bob");
        assert!(desk.operator().steps_of_next_start(&[]).expect("steps").is_empty());
        let desk = Desk::open_in_step(&both).expect("the daemon");
        assert_eq!(staff(&desk), named(&[(BOB, true), (EVE, true)]));
    }

    /// The order of the configuration is not that of the database: persons may be older than their rows.
    #[test]
    fn staff_in_another_order_are_in_step() {
        let dir = tempfile::tempdir().expect("a folder");
        drop(Desk::open(&config(dir.path(), &[BOB, EVE])));
        let turned = config(dir.path(), &[EVE, BOB]);
        let desk = Desk::look(&turned).expect("it looks");
        assert!(desk.operator().steps_of_next_start(&turned.staff).expect("steps").is_empty());
    }

    #[test]
    fn t121_a_look_at_a_desk_that_is_not_there_makes_none() {
        let dir = tempfile::tempdir().expect("a folder");
        let config = config(dir.path(), &[BOB]);
        let desk = Desk::look(&config).expect("it looks");
        assert_eq!(staff(&desk), named(&[(BOB, true)]), "whom it would have");
        assert!(!desk.is_on_disk() && !config.data.dir.exists());
        std::fs::write(&config.data.dir, "").expect("a file in its place");
        assert!(matches!(Desk::look(&config), Err(Trouble::Setup(_))));
    }

    /// Whom the configuration names since the last start is seen without being written.
    #[test]
    fn t121_the_list_shows_whom_the_next_start_adds() {
        let dir = tempfile::tempdir().expect("a folder");
        drop(Desk::open(&config(dir.path(), &[BOB])));
        let both = config(dir.path(), &[BOB, EVE]);
        let desk = Desk::look(&both).expect("it looks");
        assert_eq!(desk.operator().staff_beside(&both.staff).expect("both").len(), 2);
        assert_eq!(staff(&desk).len(), 1);
    }
}
