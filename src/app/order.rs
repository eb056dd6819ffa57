//! Orders of an operator, as events; and who is staff.

use super::desk::Desk;
use super::error::{Refusal, Trouble};
use super::handles::Operator;
use crate::config::StaffConfig;
use crate::desk::operator::{OperatorOrder, Ordered, StaffChange, is_in_step};
use crate::desk::{Decision, Event, StaffRow};
use crate::mail::AddrSpec;
use crate::store;

impl Operator<'_> {
    /// Carries out an order and gives back what was decided.
    pub(super) fn operate(&self, order: &OperatorOrder<'_>) -> Result<Decision, Refusal> {
        let decision = self.0.happen(&Event::Order(order))?;
        match decision.refused {
            Some(refused) => Err(Refusal::Refused(refused)),
            None => Ok(decision),
        }
    }

    /// Carries out an order on a ticket and gives back the number of the ticket. For a new ticket `number`
    /// does not matter.
    pub fn order(&self, number: i64, by: Option<&AddrSpec>, order: &Ordered<'_>) -> Result<i64, Refusal> {
        let decision = self.operate(&OperatorOrder::Ticket { number, by, order })?;
        Ok(decision.ticket.unwrap_or(number))
    }

    /// Everybody who is staff.
    pub fn staff(&self) -> Result<Vec<StaffRow>, Trouble> {
        Ok(self.0.store().read(store::staff::all)?)
    }

    /// Somebody joins the staff, changes, or leaves.
    pub fn change_staff(&self, change: &StaffChange<'_>) -> Result<(), Refusal> {
        self.operate(&OperatorOrder::Staff(change)).map(|_| ())
    }
}

impl Desk {
    /// Makes the staff of the configuration staff in the database, and removes those who no longer stand
    /// there.
    pub(super) fn staff_in_step(&self, configured: &[StaffConfig]) -> Result<(), Trouble> {
        let rows: Vec<StaffRow> = configured
            .iter()
            .map(|s| StaffRow {
                address: s.address.clone(),
                name: s.name.clone(),
                configured: true,
                aliases: s.aliases.clone(),
                digest: s.digest,
                choice: None,
            })
            .collect();
        // Nearly always nothing changed. A command that only reads then waits for nobody who writes.
        if !is_in_step(&self.store().read(store::staff::all)?, &rows) {
            self.happen(&Event::Order(&OperatorOrder::StaffOfConfiguration(&rows)))?;
        }
        Ok(())
    }
}
