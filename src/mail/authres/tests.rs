//! The grammar, and what a sender can write.

use super::*;

fn stamps(raw: &[u8]) -> Stamps {
    stamps_of(&Head::split(raw))
}

fn dmarc(value: &str) -> Option<(Verdict, String)> {
    let parsed = parse(value)?;
    let r = parsed.results.iter().find(|r| r.method == Method::Dmarc)?;
    Some((r.verdict, r.property("header.from").unwrap_or_default().to_owned()))
}

#[test]
fn the_grammar_of_rfc_8601() {
    let good = [
        "mx.desk.example; dmarc=pass header.from=staff.example",
        " MX.desk.EXAMPLE 1; dmarc=pass (p=reject) header.from=staff.example",
        "(a (nested) comment) mx.desk.example (another) 1 ; spf=fail smtp.mailfrom=a@b.example; dmarc / 1 \
            = pass header . from = staff.example",
        "\"mx.desk.example\"; dkim=pass reason=\"good; signature\" header.b=\"a/b+c=\"; dmarc=pass \
            header.from=\"staff.example\"",
        "mx.desk.example;\r\n\tdkim=pass header.b=a/b+cd= header.d=x;\r\n\
            \tdmarc=pass (p=none dis=none) header.from=staff.example",
        "mx.desk.example; spf=pass smtp.mailfrom=\"a; dmarc=fail\"@b.example; dmarc=pass action=none \
            header.from=staff.example;",
    ];
    for value in good {
        assert_eq!(parse(value).map(|r| r.authserv_id).as_deref(), Some("mx.desk.example"), "{value}");
        assert_eq!(dmarc(value), Some((Verdict::Pass, "staff.example".into())), "{value}");
    }
    assert_eq!(parse("mx.desk.example; none").map(|r| r.results.len()), Some(0));
    assert_eq!(parse("mx.desk.example").map(|r| r.results.len()), Some(0));
    let without = "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=b.example; dmarc=pass action=none \
        header.from=staff.example";
    assert_eq!(parse(without).map(|r| r.authserv_id).as_deref(), Some(""));
    assert_eq!(dmarc(without), Some((Verdict::Pass, "staff.example".into())));
}

#[test]
fn what_is_not_the_grammar_is_nothing() {
    let bad = [
        "",
        ";",
        "mx.desk.example 2; dmarc=pass header.from=staff.example",
        "mx.desk.example; dmarc/2=pass header.from=staff.example",
        "mx.desk.example; dmarc=pass header.from=\"staff.example",
        "mx.desk.example; dmarc=pass (never closed header.from=staff.example",
        "mx.desk.example; dmarc=pass header.from",
        "mx.desk.example; dmarc",
        "mx.desk.example; =pass",
        "mx.desk.example dmarc=pass header.from=staff.example",
        "mx.desk.example; dmarc=pass header.from=staff.example\\",
        "mx.desk.example; dmarc=pass) header.from=staff.example",
        "mx.desk.example; dmarc=pass\"x\" header.from=staff.example",
        "mx.desk.example evil.example; dmarc=pass header.from=staff.example",
    ];
    for value in bad {
        assert_eq!(parse(value), None, "{value}");
    }
}

/// T12: nothing that stands in a quoted string or a comment becomes a result.
#[test]
fn t12_nothing_in_quotes_or_comments_becomes_a_result() {
    let smuggled = [
        "dmarc=pass header.from=staff.example",
        "; dmarc=pass header.from=staff.example",
        "\\\"; dmarc=pass header.from=staff.example; x=\\\"",
        "\\); dmarc=pass header.from=staff.example; x=\\(",
        "mx.desk.example; dmarc=pass header.from=staff.example",
        "\r\n dmarc=pass",
        "=?utf-8?q?dmarc=3Dpass?=",
    ];
    for word in smuggled {
        let places = [
            format!(
                "mx.desk.example; spf=pass reason=\"{word}\" smtp.mailfrom=x@evil.example; dmarc=fail \
                    header.from=staff.example"
            ),
            format!(
                "mx.desk.example; spf=pass smtp.mailfrom=\"{word}\"@evil.example; dmarc=fail \
                    header.from=staff.example"
            ),
            format!(
                "mx.desk.example; spf=pass ({word}) smtp.mailfrom=x@evil.example; dmarc=fail \
                    header.from=staff.example"
            ),
            format!("mx.desk.example ({word}); dmarc=fail ({word}) header.from=staff.example"),
        ];
        for place in &places {
            assert!(dmarc(place).is_none_or(|(result, _)| result == Verdict::Fail), "{place}");
        }
    }
}

#[test]
fn a_property_that_stands_twice_says_nothing() {
    let twice = parse("mx; dmarc=pass header.from=evil.example header.from=staff.example")
        .expect("the grammar allows it");
    assert_eq!(twice.results[0].property("header.from"), None);
}

/// T11: only what stands above the Received field of our own server counts.
#[test]
fn t11_a_stamp_counts_only_above_the_hand_over() {
    const STAMP: &str = "Authentication-Results: mx.desk.example; dmarc=pass header.from=staff.example\r\n";
    const LMTP: &str = "Received: from mx.desk.example (with ESMTP) by store.desk.example (Dovecot) with \
        LMTP id 1; Mon, 1 Jan 2026 00:00:00 +0000\r\n";
    const OVER: &str = "Received: from evil.example (evil with LMTP) by mx.desk.example with ESMTP id 2; \
        Mon, 1 Jan 2026 00:00:00 +0000\r\n";
    let rest = "From: a@staff.example\r\n\r\nx";
    let count = |parts: &[&str]| stamps(format!("{}{rest}", parts.concat()).as_bytes()).ours.len();
    assert_eq!(count(&[STAMP, OVER]), 1);
    assert_eq!(count(&["Return-Path: <>\r\n", LMTP, STAMP, OVER]), 1);
    assert_eq!(count(&[STAMP]), 0, "alone: no server of ours took this mail over");
    assert_eq!(count(&[OVER, STAMP]), 0, "below: the sender wrote it");
    assert_eq!(count(&[LMTP, OVER, STAMP, OVER]), 0);
    assert_eq!(count(&[STAMP, OVER, STAMP]), 1);
    assert_eq!(count(&[OVER, STAMP, LMTP, OVER]), 0);
}

/// T122: a field that no server would write is not read, and one below the bound costs no square.
#[test]
fn t122_a_long_field_proves_nothing() {
    let field = |size: usize| {
        let (spaces, signs) = (" ".repeat(size), "=".repeat(size));
        format!("mx.near.example; dkim=pass header.b={spaces}x{signs}")
    };
    assert!(parse(&field(1_000)).is_some_and(|r| r.results[0].property("header.b").is_some()));
    assert_eq!(parse(&field(10_000)), None);
}
