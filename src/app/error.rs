//! Why something could not be done: trouble of the store, or a refusal.

use crate::desk::Refused;
use crate::store;

/// What stands in the way, and whether waiting helps.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Somebody else writes: the same may succeed later.
    #[error("{0}")]
    Busy(String),
    /// The disk is full or not writable.
    #[error("{0}")]
    Full(String),
    /// The database is damaged, or the program is wrong.
    #[error("{0}")]
    Broken(String),
    /// The operator must set something right: the key, the rights of a file, a database that is not
    /// encrypted.
    #[error("{0}")]
    Setup(String),
}

impl From<store::Error> for Trouble {
    fn from(e: store::Error) -> Self {
        match e {
            store::Error::Busy(s) => Self::Busy(s),
            store::Error::Full(s) => Self::Full(s),
            store::Error::Damaged(s) | store::Error::Sql(s) => Self::Broken(s),
            store::Error::Setup(s) => Self::Setup(s),
        }
    }
}

/// Why an order was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// What was asked for cannot be done.
    #[error("{0}")]
    Refused(Refused),
    /// Something stands in the way.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}
