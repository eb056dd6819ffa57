//! The commit points at which a crash is tested (HOUSE, what a crash does).

/// Ends the process at a named commit point, for the crash tests; does nothing in a release build.
pub fn stop_at(point: &str) {
    if cfg!(debug_assertions) && std::env::var("MAILDESK_STOP_AT").is_ok_and(|p| p == point) {
        std::process::abort();
    }
}
