//! Nobody but the desk makes a seal, and a seal says what it said.

use super::address::*;
use super::id::*;
use super::keys::*;
use crate::desk::model::Moment;
use crate::desk::model::seals::{Reply, Tag};
use crate::mail::AddrSpec;

const DOMAIN: &str = "desk.example";
const REPLY: Reply = Reply { ticket: 12, person: 34, message: 56, ends_at: 20_000 * 86_400 };

fn keys(newest: u32) -> Keys {
    Keys::derive(&[7; 32], newest)
}

fn address(tag: &str) -> AddrSpec {
    with_tag(&AddrSpec::parse("support@desk.example").expect("an address"), '+', tag)
}

fn read_tag(keys: &Keys, tag: &str) -> Option<Tag> {
    read_address(keys, DOMAIN, &address(tag), '+')
}

#[test]
fn t13_no_change_but_case_is_accepted() {
    let keys = keys(1);
    let tag = reply_tag(&keys, &REPLY);
    assert_eq!(read_tag(&keys, &tag), Some(Tag::Reply(REPLY)));
    assert_eq!(read_tag(&keys, &tag.to_uppercase()), Some(Tag::Reply(REPLY)));
    for (i, c) in tag.char_indices() {
        for other in "abcdefghijklmnopqrstuvwxyz234567".chars().filter(|o| *o != c) {
            let flipped = format!("{}{other}{}", &tag[..i], &tag[i + 1..]);
            assert_eq!(read_tag(&keys, &flipped), None, "{flipped}");
        }
        assert_eq!(read_tag(&keys, &tag[..i]), None, "cut after {i}");
        assert_eq!(read_tag(&keys, &tag[i..]), if i == 0 { Some(Tag::Reply(REPLY)) } else { None });
    }
    assert_eq!(read_tag(&Keys::derive(&[8; 32], 1), &tag), None, "another desk's key");
    assert_eq!(read_tag(&keys, &format!("{tag}a")), None, "and more");
    assert_eq!(read_tag(&keys, "r12"), None, "no unsigned form");
}

/// What is signed for one ticket or person says nothing about another one, whoever puts the bytes
/// together.
#[test]
fn t13_tickets_persons_and_key_ids_cannot_be_swapped() {
    let keys = keys(2);
    let bytes =
        |reply: &Reply| BASE32_LOWER.decode(&reply_tag(&keys, reply).as_bytes()[1..]).expect("base32");
    let (mine, other) =
        (bytes(&REPLY), bytes(&Reply { ticket: 13, person: 35, message: 57, ends_at: 20_001 * 86_400 }));
    for part in [1..5, 5..9, 9..13, 13..15, 1..15] {
        let mut mixed = mine.clone();
        mixed[part.clone()].copy_from_slice(&other[part.clone()]);
        assert_eq!(read_tag(&keys, &format!("r{}", BASE32_LOWER.encode(&mixed))), None, "{part:?}");
    }
    for first in (0..=255).filter(|b| *b != mine[0]) {
        let mut mixed = mine.clone();
        mixed[0] = first;
        assert_eq!(
            read_tag(&keys, &format!("r{}", BASE32_LOWER.encode(&mixed))),
            None,
            "version and key id {first:x}"
        );
    }
}

#[test]
fn t13_addresses_keep_to_64_octets() {
    let keys = keys(GENERATIONS_MAX);
    let largest = u32::MAX.into();
    let reply = Reply { ticket: largest, person: largest, message: largest, ends_at: 65_535 * 86_400 };
    let id = letter_id(&keys, DOMAIN, &mut Moment::new(0, [1; 32]));
    for desk in ["support@desk.example", "customer-services-4711@desk.example"] {
        let desk = AddrSpec::parse(desk).expect("an address");
        for tag in [reply_tag(&keys, &reply), bounce_tag(&keys, &id)] {
            let tagged = with_tag(&desk, '+', &tag);
            assert!(tagged.local().ends_with(&tag) && tagged.local().len() <= 64, "{tagged}");
        }
    }
    assert_eq!(read_tag(&keys, &reply_tag(&keys, &reply)), Some(Tag::Reply(reply)));
}

/// Also where two generations share a key id.
#[test]
fn t14_a_rotation_revokes_reply_addresses() {
    for newest in [2, 3, 17, 18, 40] {
        let (old, new) = (keys(1), keys(newest));
        let tag = reply_tag(&old, &REPLY);
        assert_eq!(read_tag(&new, &tag), Some(Tag::Revoked(REPLY)), "{newest}");
        let renewed = reply_tag(&new, &REPLY);
        assert_ne!(tag, renewed);
        assert_eq!(read_tag(&new, &renewed), Some(Tag::Reply(REPLY)), "{newest}");
        assert_eq!(read_tag(&old, &renewed), None, "a generation to come");
    }
    assert_ne!(keys(1).page("sign-in", "x"), keys(2).page("sign-in", "x"));
}

#[test]
fn t81_older_generations_are_still_ours() {
    let moment = &mut Moment::new(0, [1; 32]);
    for (made, newest) in [(1, 1), (1, 2), (2, 40), (40, 40)] {
        let (then, now) = (keys(made), keys(newest));
        let id = letter_id(&then, DOMAIN, moment);
        assert_eq!(
            read_mark(&now, DOMAIN, &loop_mark(&then, &id)),
            Some(LoopMark::Letter(id.clone())),
            "{made}, {newest}"
        );
        assert_eq!(read_tag(&now, &bounce_tag(&then, &id)), Some(Tag::Bounce(id.clone())));
        assert!(!is_probe_id(&now, DOMAIN, &id));
        let probe = probe_id(&then, DOMAIN, moment);
        assert_eq!(read_mark(&now, DOMAIN, &loop_mark(&then, &probe)), Some(LoopMark::Probe(probe.clone())));
        assert!(is_probe_id(&now, DOMAIN, &probe));
        assert_eq!(now.audit(b"before", b"row"), then.audit(b"before", b"row"), "the chain goes on");
    }
}

#[test]
fn bounce_addresses_and_loop_marks_are_ours_alone() {
    let (keys, other) = (keys(1), Keys::derive(&[8; 32], 1));
    let id = letter_id(&keys, DOMAIN, &mut Moment::new(0, [1; 32]));
    let bounce = bounce_tag(&keys, &id);
    assert_eq!(read_tag(&keys, &bounce), Some(Tag::Bounce(id.clone())));
    assert_eq!(read_tag(&other, &bounce), None);
    assert!((0..bounce.len()).all(|i| read_tag(&keys, &bounce[..i]).is_none()));
    let mark = loop_mark(&keys, &id);
    assert!(is_loop_mark(&keys, DOMAIN, &mark) && !is_loop_mark(&other, DOMAIN, &mark));
    let (instance, _) = mark.split_once('.').expect("three parts");
    for forged in [
        "a.b.c".to_owned(),
        format!("{instance}.b.c"),
        format!("{instance}.<@ \u{e4}            >.c"),
        String::new(),
    ] {
        assert!(!is_loop_mark(&keys, DOMAIN, &forged), "{forged}");
    }
}
