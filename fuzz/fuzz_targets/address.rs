//! One From field: what is read as a sender is one strict address, stands in the field as it is, and is its
//! own key.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maildesk_fuzz::is_clean;
use maildesk_fuzz::mail::AddrSpec;
use maildesk_fuzz::mail::parse::parse_for_intake;

fuzz_target!(|field: &[u8]| {
    let mail = parse_for_intake(&[b"From: ", field, b"\r\n\r\n"].concat());
    assert!(!mail.defects.contains(&"parser-failed"));
    assert!(is_clean(mail.from.name()));
    if let Some(address) = mail.from.address() {
        assert!(address.as_str().is_ascii());
        assert_eq!(AddrSpec::parse(address.as_str()).as_ref(), Some(address));
        let unfolded: Vec<u8> = field.iter().filter(|b| !b"\r\n".contains(b)).copied().collect();
        let field = String::from_utf8_lossy(&unfolded).to_ascii_lowercase();
        assert!(field.contains(address.local()), "{address} is not in {field:?}");
    }
});
