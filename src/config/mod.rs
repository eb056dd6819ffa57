//! TOML -> Config (INTERFACE.md, Configuration): every key is read and checked, and the error about an
//! unknown key names the nearest known one.

mod answers;
mod desk;
mod limits;
mod load;
mod nearest;
mod nobody;
mod planned;
mod reader;
mod report;
mod retention;
mod secret;
mod servers;
mod targets;
mod template;
#[cfg(test)]
mod tests;
mod types;
mod wiped;

pub use load::{load, load_text, locate};
pub use nobody::nobodys;
pub use template::{InitAnswers, InitServer, template};
pub use types::{
    Config, ConfigError, DataConfig, DeskConfig, Limits, Login, MailSource, MailboxConfig, Retention,
    RouteConfig, Secret, Server, SmtpConfig, SmtpWay, StaffConfig, Tls, TrustConfig, WebConfig,
};
