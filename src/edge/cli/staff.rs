//! `maildesk staff …`

use super::args::Staff;
use super::{Done, out};
use crate::app::{Desk, StaffChange};
use serde_json::{Value, json};

pub fn run(desk: &Desk, verb: &Staff) -> Done {
    match verb {
        Staff::List { json } => list(desk, *json),
        Staff::Add { address, name, alias } => {
            desk.change_staff(&StaffChange::Add { address, name, aliases: alias })?;
            out::line(format!("{address} is staff"))
        }
        Staff::Set { address, name, alias } => {
            desk.change_staff(&StaffChange::Set { address, name: name.as_deref(), aliases: alias })?;
            out::line(format!("{address} is changed"))
        }
        Staff::Remove { address, yes } => {
            out::sure(&format!("Remove {address} from staff?"), *yes)?;
            desk.change_staff(&StaffChange::Remove { address })?;
            out::line(format!("{address} is no longer staff"))
        }
    }
}

fn list(desk: &Desk, as_json: bool) -> Done {
    let rows = desk.staff()?;
    if as_json {
        let all =
            rows.iter().map(|r| json!({"name": r.name, "address": r.address, "aliases": r.aliases, "configured": r.configured}));
        return out::json(&Value::Array(all.collect()));
    }
    let cells = rows.into_iter().map(|r| {
        let place = if r.configured { "configuration" } else { "database" };
        vec![r.name, r.address, r.aliases.join(", "), place.to_owned()]
    });
    out::table(
        &["name", "address", "aliases", "kept in"],
        cells.collect(),
        "nobody is staff; add somebody with maildesk staff add",
    )
}
