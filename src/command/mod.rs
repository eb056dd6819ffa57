//! What the program can be told to do, where more than the desk's own memory is needed: servers, the data folder,
//! a daemon. What needs no server stands in [`crate::edge::cli`].

pub mod audit;
pub mod check;
pub mod demo;
mod demo_page;
pub mod explain;
pub mod init;
mod lock;
pub mod probe;
pub mod restore;
pub mod serve;
pub mod status;
