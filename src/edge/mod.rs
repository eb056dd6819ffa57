//! Protocols: one `run` each; thin, and deciding nothing.

pub mod http;
pub mod metrics;
pub mod web;
