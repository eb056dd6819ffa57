//! What makes a mail poison in the tests of T34.

/// A mail that ends or hangs the program at a stage, for the tests of T34 (`X-Poison: abort`, `hang` or
/// `panic`; before it `prove-`, `take-`, `claim-` or `open-`); does nothing in a release build.
pub fn act_as_poison(raw: &[u8], stage: &str) {
    if !poison_is_set() {
        return;
    }
    let has = |what: &str| {
        let field = format!("X-Poison: {stage}{what}");
        raw.windows(field.len()).any(|w| w == field.as_bytes())
    };
    if has("abort") {
        std::process::abort();
    }
    assert!(!has("panic"), "a mail on which the desk panics");
    if has("slow") {
        // Two of these are more than the budget of the tests.
        std::thread::sleep(std::time::Duration::from_millis(1_200));
    }
    while has("hang") {
        std::thread::park();
    }
}

/// Whether the tests of T34 are under way.
pub fn poison_is_set() -> bool {
    cfg!(debug_assertions) && std::env::var_os("MAILDESK_POISON").is_some()
}

/// A letter that ends the program while its files are put into it, where MAILDESK_POISON_LETTERS is set.
pub fn act_as_poison_in_a_letter() {
    if cfg!(debug_assertions) && std::env::var_os("MAILDESK_POISON_LETTERS").is_some() {
        std::process::abort();
    }
}
