//! The pages: signing in by a mailed link, the visitor's tickets, their files, and how the daemon does.
//!
//! They decide nothing: every question goes to the desk. They work without a script. They answer to THREATS
//! T54 to T78 and T105. `shell/` holds what all pages share, `page/` one file a page.

mod page;
mod serve;
mod shell;
#[cfg(test)]
mod threats;

pub use serve::{bind, guarded, run, run_demo};
