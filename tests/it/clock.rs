//! Another clock for the daemon of a test.

use std::path::Path;

fn library() -> &'static str {
    const LIBRARIES: [&str; 2] = [
        "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
        "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    ];
    LIBRARIES.into_iter().find(|l| Path::new(l).exists()).expect("the package faketime is installed")
}

/// A clock that is so far ahead, as `faketime` writes it.
pub fn ahead(far: &str) -> [(&str, &str); 3] {
    [("LD_PRELOAD", library()), ("FAKETIME", far), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")]
}

/// A clock that runs ten times as fast, so that pauses of a minute take six seconds.
pub fn quick() -> [(&'static str, &'static str); 2] {
    [("LD_PRELOAD", library()), ("FAKETIME", "+0 x10")]
}
