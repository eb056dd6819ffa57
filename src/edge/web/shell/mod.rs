//! What every page shares: the gate before all of them, the caller, the session, forms, refusals and the
//! frame.

pub mod caller;
pub mod cookie;
pub mod downloads;
pub mod form;
pub mod frame;
pub mod gate;
pub mod reads;
pub mod refusal;
pub mod session;
pub mod site;
