//! One handle, three verbs: take an event, show an answer, send a letter. Opens every transaction; blocking, never async.

pub mod face;
pub mod stub;
pub use face::*;
pub use stub::*;
