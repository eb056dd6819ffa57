//! The one vocabulary of orders: a mail, a page, the command line and the API speak it.

pub mod actor;
pub mod apply;
pub mod command;
pub mod merge;
pub mod participants;
pub mod people;
pub mod speak;
pub mod undo;
