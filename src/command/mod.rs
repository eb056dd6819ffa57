//! What the program can be told to do where that needs more than the database: a server, the data folder, a
//! daemon. The commands that need the database alone stand in [`crate::edge::cli`].

pub mod audit;
pub mod audit_log;
pub mod check;
pub mod demo;
mod demo_folder;
mod demo_page;
pub mod explain;
pub mod init;
mod lock;
pub mod probe;
pub mod restore;
pub mod serve;
pub mod status;
mod tasks;
