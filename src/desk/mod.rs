//! What we do about it: all policy, no I/O, no clock, no randomness of its own (HOUSE: the core is pure).
//!
//! An event and a [`Snapshot`] of what is known go in, a [`Decision`] comes out. It cannot fail; it can
//! refuse.

pub mod bounce;
pub mod command;
pub mod crossed;
pub mod digest;
pub mod dmarc;
pub mod domain;
pub mod draft;
pub mod due;
pub mod first;
pub mod guard;
pub mod hours;
pub mod letter;
pub mod mailed;
pub mod model;
pub mod names;
pub mod ordered;
pub mod participants;
pub mod probe;
pub mod proof;
pub mod query;
pub mod relay;
pub mod renew;
pub mod rules;
pub mod saved;
pub mod seal;
pub mod sealed;
pub mod staffed;
pub mod target;
pub mod token;
pub mod typeset;
pub mod undo;
pub mod work;

pub use domain::Claim;
pub use model::*;
pub use rules::{Confirm, Own, Rules};
