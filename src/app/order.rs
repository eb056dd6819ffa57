//! Orders of an operator, as events; and who is staff.

use super::error::{Refusal, Trouble};
use super::handles::Operator;
use crate::desk::operator::{OperatorOrder, Ordered, StaffChange};
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
