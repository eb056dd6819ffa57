//! Who there is: customers and staff, as the desk knows them.

use crate::mail::AddrSpec;

/// A person as the desk knows him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: i64,
    pub address: AddrSpec,
    pub name: String,
    pub spam: bool,
}

/// A staff member; `person.name` is the public name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    pub person: Person,
    pub aliases: Vec<AddrSpec>,
}
