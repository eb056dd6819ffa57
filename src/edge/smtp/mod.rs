//! Mail out: to the relay (RFC 5321, 6409, 3207, 4954) by lettre, or into a Maildir. Each transaction has one
//! recipient. `hand_over.rs` sends one letter, `outbox.rs` all that
//! are due, `once.rs` what leaves beside them.

mod hand_over;
mod once;
mod outbox;
mod relay;
mod stream;

pub use once::{probe, send_now};
pub use outbox::run;
