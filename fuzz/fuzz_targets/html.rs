//! Harmless HTML stays harmless when it is read again, and the text of a page can always be told.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maildesk_fuzz::mail::html::{harmless, to_text};

fuzz_target!(|page: &str| {
    let clean = harmless(page);
    assert_eq!(harmless(&clean), clean, "not stable");
    let lower = clean.to_ascii_lowercase();
    for word in ["<script", "<style", "<svg", "<math", "<iframe", "<form", "<object", "<base", "<meta"] {
        assert!(!lower.contains(word), "{word} in {clean:?}");
    }
    to_text(page);
});
