//! Who orders.

use crate::desk::model::Person;

/// Who orders. `person: None` is the operator, shown as the desk.
pub struct Actor<'a> {
    /// The staff member or customer who orders; `None`: the operator.
    pub person: Option<&'a Person>,
    /// The message that the notice brought which is being answered (`#split`).
    pub seen: Option<i64>,
}

impl Actor<'_> {
    /// Their number; `None`: the operator.
    pub fn id(&self) -> Option<i64> {
        self.person.map(|p| p.id)
    }

    /// As the audit log names them.
    pub fn name(&self) -> String {
        self.person.map_or_else(|| "operator".to_owned(), |p| format!("person:{}", p.id))
    }
}
