//! Folding loses no word.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maildesk_fuzz::mail::quote::fold;

fuzz_target!(|text: &str| {
    let words = fold(text);
    let letters = |t: &str| {
        let mut all: Vec<char> = t.chars().filter(|c| c.is_alphanumeric()).collect();
        all.sort_unstable();
        all
    };
    let kept = [words.text, words.quoted, words.signature].concat();
    assert_eq!(letters(&kept), letters(text));
});
