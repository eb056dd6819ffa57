//! Who there is: customers and staff, as the desk knows them.

use crate::mail::AddrSpec;

/// A person as the desk knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their number in the store.
    pub id: i64,
    /// It is their identity (T16).
    pub address: AddrSpec,
    /// As they gave it themselves, and may lie (T07); empty: they gave none. Of staff it is the public name.
    pub name: String,
    /// Which of their mail is quarantined (`#spam`).
    pub spam: Spam,
}

/// Which mail of a person is quarantined. Anybody can forge a mail without proof, so that marking one says
/// nothing about whose address it bears.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Spam {
    /// None.
    #[default]
    No,
    /// What nothing proves: an unproven mail was marked.
    Unproven,
    /// All of it: a proven mail was marked.
    Always,
}

/// A staff member; `person.name` is the public name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// Who it is.
    pub person: Person,
    /// Other addresses from which they write.
    pub aliases: Vec<AddrSpec>,
}

/// A member of the staff as the configuration or `maildesk staff` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffRow {
    /// Where letters go.
    pub address: AddrSpec,
    /// Public name.
    pub name: String,
    /// Stands in the configuration, instead of having come by `staff add`.
    pub configured: bool,
    /// Further addresses that they write from.
    pub aliases: Vec<AddrSpec>,
    /// Wants the daily digest, as the configuration or `staff add` says.
    pub digest: bool,
    /// What the person chose since then; `None`: nothing.
    pub choice: Option<bool>,
}

impl StaffRow {
    /// Whether they get the daily digest.
    pub fn wants_digest(&self) -> bool {
        self.choice.unwrap_or(self.digest)
    }
}
