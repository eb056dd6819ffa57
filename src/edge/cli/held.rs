//! `maildesk held …`

use super::args::Held;
use super::exit::{Done, Exit, Failure};
use super::{json, out};
use crate::app::Desk;
use serde_json::{Value, json};

/// Carries out one of its commands.
pub fn run(desk: &Desk, verb: &Held) -> Done {
    match verb {
        Held::List { json: true } => out::json(&Value::Array(
            desk.operator().held()?.iter().map(|h| json::held(h, |n| desk.token(n))).collect(),
        )),
        Held::List { json: false } => {
            let rows = desk.operator().held()?.into_iter().map(|h| {
                let ticket = h.ticket.map(|n| desk.token(n)).unwrap_or_default();
                vec![
                    h.id.to_string(),
                    h.cause.kind().to_owned(),
                    h.from.unwrap_or_default(),
                    h.subject,
                    h.reason,
                    ticket,
                ]
            });
            out::table(
                &["id", "kind", "from", "subject", "reason", "ticket"],
                rows.collect(),
                "nothing is held",
            )
        }
        Held::Show { id, json: as_json } => show(desk, *id, *as_json),
        Held::Release { ids, yes } => {
            require_held(desk, ids)?;
            out::sure(&format!("Do what {} held mails would have done?", ids.len()), *yes)?;
            for id in ids {
                if let Some(taken) = desk.operator().release(*id)? {
                    if let Some(row) = desk.operator().held_mail(*id)?.map(|m| m.row) {
                        out::line(format!(
                            "{id} stays held: {}; look at it with maildesk held show {id}",
                            row.reason
                        ))?;
                        continue;
                    }
                    let ticket = taken.ticket.map(|n| format!(", {}", desk.token(n))).unwrap_or_default();
                    out::line(format!("{id} released: {}{ticket}", taken.outcome))?;
                }
            }
            Ok(Exit::Good)
        }
        Held::Drop { ids, yes } => {
            require_held(desk, ids)?;
            out::sure(&format!("Forget {} held mails?", ids.len()), *yes)?;
            for id in ids {
                desk.operator().drop_held(*id)?;
            }
            out::line(format!("{} dropped", ids.len()))
        }
    }
}

/// Refuses an id that is not held.
fn require_held(desk: &Desk, ids: &[i64]) -> Result<(), Failure> {
    let rows = desk.operator().held()?;
    match ids.iter().find(|id| !rows.iter().any(|h| h.id == **id)) {
        Some(id) => Err(Failure::new(Exit::NoInput, format!("no mail {id} is held; see maildesk held list"))),
        None => Ok(()),
    }
}

fn show(desk: &Desk, id: i64, as_json: bool) -> Done {
    require_held(desk, &[id])?;
    let mail = desk
        .operator()
        .held_mail(id)?
        .ok_or_else(|| Failure::new(Exit::NoInput, format!("no mail {id} is held")))?;
    let raw = String::from_utf8_lossy(&mail.raw);
    if as_json {
        let mut value = json::held(&mail.row, |n| desk.token(n));
        value["raw"] = json!(raw);
        return out::json(&value);
    }
    out::text(&format!(
        "{} because {}\n\n{}\n",
        mail.row.cause.kind(),
        mail.row.reason,
        raw.replace('\r', "")
    ))
}
