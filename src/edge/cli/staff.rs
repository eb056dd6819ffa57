//! `maildesk staff …`

use super::args::Staff;
use super::exit::{Done, Failure};
use super::out;
use crate::app::{Desk, StaffChange, StaffRow};
use crate::config::StaffConfig;
use crate::mail::AddrSpec;
use serde_json::{Value, json};

/// Carries out one of its commands. `configured`: the staff of the configuration.
pub fn run(desk: &Desk, verb: &Staff, configured: &[StaffConfig]) -> Done {
    match verb {
        Staff::List { json } => list(desk, *json, configured),
        Staff::Add { address, name, alias, digest } => {
            desk.operator().change_staff(&StaffChange::Add { address, name, aliases: alias })?;
            set_digest(desk, address, digest.as_deref())?;
            out::line(format!("{address} is staff"))
        }
        Staff::Set { address, name, alias, digest } => {
            // The digest alone can be set for staff of the configuration, too.
            if name.is_some() || !alias.is_empty() || digest.is_none() {
                desk.operator().change_staff(&StaffChange::Set {
                    address,
                    name: name.as_deref(),
                    aliases: alias,
                })?;
            }
            set_digest(desk, address, digest.as_deref())?;
            out::line(format!("{address} is changed"))
        }
        Staff::Remove { address, yes } => {
            out::sure(&format!("Remove {address} from staff?"), *yes)?;
            desk.operator().change_staff(&StaffChange::Remove { address })?;
            out::line(format!("{address} is no longer staff"))
        }
    }
}

fn set_digest(desk: &Desk, address: &AddrSpec, digest: Option<&str>) -> Result<(), Failure> {
    match digest {
        Some(word) => Ok(desk.operator().change_staff(&StaffChange::Digest { address, on: word == "on" })?),
        None => Ok(()),
    }
}

fn aliases(row: &StaffRow) -> Vec<&str> {
    row.aliases.iter().map(AddrSpec::as_str).collect()
}

fn list(desk: &Desk, as_json: bool, configured: &[StaffConfig]) -> Done {
    let rows = desk.operator().staff_beside(configured)?;
    let next = desk.operator().steps_of_next_start(configured)?;
    let mut gone = next.gone.iter().map(|r| r.address.to_string()).peekable();
    if gone.peek().is_some() {
        let gone = gone.collect::<Vec<_>>().join(", ");
        out::complain(&format!(
            "the configuration no longer names {gone}; the next start of the daemon removes them"
        ));
    }
    if as_json {
        let all = rows.iter().map(|r| {
            json!({
                "name": r.name,
                "address": r.address.as_str(),
                "aliases": aliases(r),
                "configured": r.configured,
                "digest": r.wants_digest(),
            })
        });
        return out::json(&Value::Array(all.collect()));
    }
    let cells = rows.into_iter().map(|r| {
        let place = if r.configured { "configuration" } else { "database" };
        let digest = if r.wants_digest() { "on" } else { "off" };
        vec![
            r.name.clone(),
            r.address.to_string(),
            aliases(&r).join(", "),
            digest.to_owned(),
            place.to_owned(),
        ]
    });
    out::table(
        &["name", "address", "aliases", "digest", "kept in"],
        cells.collect(),
        "nobody is staff; add somebody with maildesk staff add",
    )
}
