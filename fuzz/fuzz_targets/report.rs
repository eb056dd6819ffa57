//! Any bytes as the machine-readable part of a delivery report, and as its words.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maildesk_fuzz::mail::parse::parse_for_intake;

fuzz_target!(|data: &[u8]| {
    for kind in ["delivery-status", "disposition-notification", "feedback-report"] {
        let head = format!(
            "From: MAILER-DAEMON@example.org\r\nSubject: Undelivered Mail\r\nContent-Type: multipart/report; report-type={kind}; boundary=b\r\n\r\n\
             --b\r\n\r\nwords\r\n--b\r\nContent-Type: message/{kind}\r\n\r\n"
        );
        let mail = parse_for_intake(&[head.as_bytes(), data, b"\r\n--b--\r\n"].concat());
        assert!(!mail.defects.contains(&"parser-failed"));
    }
    let prose = parse_for_intake(&[b"From: MAILER-DAEMON@example.org\r\nSubject: failure notice\r\n\r\n", data].concat());
    assert!(!prose.defects.contains(&"parser-failed"));
});
