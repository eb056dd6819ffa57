//! Our signature on addresses, ids and pages (T01, T13, T14, T19, T81).

mod address;
mod id;
mod keys;
mod leave_digest;
mod leave_ticket;
#[cfg(test)]
mod tests;

pub use super::model::seals::{Reply, Tag};
#[cfg(test)]
pub use address::reads;
pub use address::{bounce_tag, read_address, reply_tag, with_tag};
pub use id::{LoopMark, is_loop_mark, is_probe_id, letter_id, loop_mark, probe_id, read_mark};
pub use keys::{GENERATIONS_MAX, Keys};
pub use leave_digest::{leave_id, read_leave_id};
pub use leave_ticket::{leave_token, read_leave};
