//! What leaves the database by time (D24), and what a clock wrote that was ahead (T93). Each statement finds
//! its rows by an index, and takes so few of them that nobody waits.

use super::error::Result;
use super::sql;
use super::transaction::Tx;
use crate::desk::model::Bounds;

/// What has expired leaves the database, and what a clock that was ahead would keep alive for years. Is there
/// more, for a further transaction?
pub fn forget_expired(tx: &Tx<'_>, bounds: &Bounds, now: i64) -> Result<bool> {
    let most = sql::count(bounds.rows_removed_max);
    let mut more = false;
    for (text, before) in [
        (
            "delete from session where hash in
            (select hash from session where expires_at <= ?1 limit ?2)",
            now,
        ),
        (
            "delete from link where hash in
            (select hash from link where expires_at <= ?1 limit ?2)",
            now - bounds.links_kept_secs,
        ),
        (
            "delete from held_link where hash in
            (select hash from held_link where expires_at <= ?1 limit ?2)",
            now,
        ),
        (
            "delete from asked where id in
            (select id from asked where at <= ?1 limit ?2)",
            now - bounds.day_secs,
        ),
        (
            "delete from opened where (counted_as, at, ticket) in
            (select counted_as, at, ticket from opened where at <= ?1 limit ?2)",
            now - bounds.hour_secs,
        ),
        (
            "delete from deed where id in
            (select id from deed where at <= ?1 limit ?2)",
            now - bounds.deeds_kept_secs,
        ),
        (
            "delete from signature where fingerprint in
            (select fingerprint from signature where at <= ?1 limit ?2)",
            now - bounds.signatures_kept_secs,
        ),
    ] {
        more |= sql::count(sql::run(tx.c, text, (before, most))?) == most;
    }
    let soon = now + bounds.ahead_secs;
    for text in [
        "delete from session where hash in
           (select hash from session where created_at > ?1 limit ?2)",
        "delete from link where hash in (select hash from link where created_at > ?1 limit ?2)",
        "delete from held_link where hash in
           (select hash from held_link where created_at > ?1 limit ?2)",
        "delete from asked where id in (select id from asked where at > ?1 limit ?2)",
        "delete from opened where (counted_as, at, ticket) in
           (select counted_as, at, ticket from opened where at > ?1 limit ?2)",
    ] {
        more |= sql::count(sql::run(tx.c, text, (soon, most))?) == most;
    }
    Ok(more)
}

/// What a clock wrote that was ahead happened now, or is due now. Is there more?
pub fn set_right(tx: &Tx<'_>, bounds: &Bounds, now: i64) -> Result<bool> {
    let (soon, most) = (now + bounds.ahead_secs, sql::count(bounds.rows_removed_max));
    let mut more = false;
    for text in [
        // A letter that waits for a time which was wrong leaves now. Of one that left nothing changes, since
        // limits would count it anew.
        "update letter set created_at = ?3, next_at = ?3 where id in
           (select id from letter where next_at is not null and created_at > ?1 limit ?2)",
        "update letter set settled_at = ?3, next_at = ?3 where id in
           (select id from letter where next_at is not null and settled_at > ?1 limit ?2)",
        "update pending set created_at = ?3, due_at = ?3 where id in
           (select id from pending where created_at > ?1 limit ?2)",
        "update held set received_at = ?3 where id in
           (select id from held where received_at > ?1 limit ?2)",
        "update deed set at = ?3 where id in (select id from deed where at > ?1 limit ?2)",
        "update signature set at = ?3 where fingerprint in
           (select fingerprint from signature where at > ?1 limit ?2)",
        "update message set created_at = ?3 where id in
           (select id from message where created_at > ?1 limit ?2)",
        "update mail set received_at = ?3 where id in
           (select id from mail where received_at > ?1 limit ?2)",
        "update alarm set closed_at = ?3 where id in
           (select id from alarm where closed_at is not null and closed_at > ?1 limit ?2)",
        "update restored set at = ?3 where id in (select id from restored where at > ?1 limit ?2)",
        // There are few of these: they are forgotten after some weeks.
        "update probe set sent_at = ?3 where number in
           (select number from probe where sent_at > ?1 limit ?2)",
    ] {
        more |= sql::count(sql::run(tx.c, text, (soon, most, now))?) == most;
    }
    Ok(more)
}
