//! The clock: every room above the core asks here what time it is.

/// Seconds since 1970.
#[cfg(not(test))]
pub fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// The clock of unit tests, which they set themselves.
#[cfg(test)]
pub fn now() -> i64 {
    super::testing::clock()
}
