//! The commands, their flags and their help (clap). The sentences above fields are what `--help` prints.

mod address;
mod audit;
mod deliver;
mod init;
mod keys;
mod mail;
mod program;
mod staff;
mod ticket;

pub use audit::AuditArgs;
pub use deliver::Call;
pub use init::InitArgs;
pub use keys::Keys;
pub use mail::{Held, Outbox};
pub use program::{Args, Command};
pub use staff::Staff;
pub use ticket::{SetArgs, Ticket};
