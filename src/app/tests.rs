//! Whole desks in memory, with a clock that the tests move.

mod day;
mod gate;
mod harmless;
mod heard;
mod hostile;
mod odd;
mod outbox;
mod secrets;
mod staff;

use super::Desk;
use super::testing::{Colleague, address, desk_with};
use crate::desk::Own;

/// A desk `support@DOMAIN` with this staff, which knows every way to be answered.
fn desk(domain: &str, staff: &[Colleague<'_>]) -> Desk {
    let at = address(&format!("support@{domain}"));
    let own = Own { addresses: vec![(at.clone(), '+')], everybody: false };
    let configured = |config: &mut crate::config::Config| {
        config.desk.address = at;
        config.desk.url = format!("https://{domain}").parse().expect("a url");
        config.desk.categories = vec!["Hardware".into(), "Software".into()];
    };
    let (_, desk) = desk_with(staff, configured, |rules| {
        rules.own = own;
        rules.plus_addressing = true;
        rules.plus_sender = true;
    });
    desk
}
