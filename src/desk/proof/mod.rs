//! Who really wrote this (THREATS, decision table).

pub mod alias;
pub mod dmarc;
pub mod domain;
pub mod named;
pub mod table;
