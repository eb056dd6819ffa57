//! What makes a mail poison in the tests of T34.

/// A mail that ends or hangs the program, for the tests of T34 (`X-Poison: abort` or `hang`); does nothing in
/// a release build.
pub fn act_as_poison(raw: &[u8]) {
    if !poison_is_set() {
        return;
    }
    let has = |field: &[u8]| raw.windows(field.len()).any(|w| w == field);
    if has(b"X-Poison: abort") {
        std::process::abort();
    }
    while has(b"X-Poison: hang") {
        std::thread::park();
    }
}

/// Whether the tests of T34 are under way.
pub fn poison_is_set() -> bool {
    cfg!(debug_assertions) && std::env::var_os("MAILDESK_POISON").is_some()
}
