//! Any bytes are a mail: no panic, clean texts, files that are served as they are listed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maildesk_fuzz::is_clean;
use maildesk_fuzz::mail::parse::{attachment, parse};

fuzz_target!(|raw: &[u8]| {
    let mail = parse(raw);
    assert!(!mail.defects.contains(&"parser-failed"));
    let words = &mail.words;
    for text in [&mail.subject, &words.text, &words.quoted, &words.signature].into_iter().chain(&mail.html) {
        assert!(is_clean(text), "{text:?}");
    }
    for file in &mail.attachments {
        assert!(is_clean(&file.filename) && file.filename.len() <= 150 && !file.filename.contains(['/', '\\', '\n', '\t']));
        assert_eq!(attachment(raw, file.part).map(|b| b.len() as u64), Some(file.size));
    }
});
