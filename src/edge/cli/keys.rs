//! `maildesk keys …`

use super::args::Keys;
use super::exit::Done;
use super::out;
use crate::app::{Desk, Generation};
use serde_json::{Value, json};

/// Carries out one of its commands.
pub fn run(desk: &Desk, verb: &Keys) -> Done {
    match verb {
        Keys::List { json: true } => {
            out::json(&Value::Array(desk.operator().key_generations()?.iter().map(value).collect()))
        }
        Keys::List { json: false } => {
            let all = desk.operator().key_generations()?;
            let rows =
                all.iter().map(|g| vec![g.number.to_string(), out::short_time(g.since), state(g).to_owned()]);
            out::table(&["generation", "since", "state"], rows.collect(), "there are no keys")
        }
        Keys::Rotate { yes } => {
            let question = "Begin a new generation of keys? Reply addresses in all letters so far then prove \
                            nothing: answers of staff to older notices are held, unless their domain signs \
                            them.";
            out::sure(question, *yes)?;
            let number = desk.operator().rotate_keys()?;
            out::line(format!(
                "generation {number} is in force; the reply addresses of all older letters are revoked"
            ))
        }
    }
}

fn value(g: &Generation) -> Value {
    json!({
        "generation": g.number,
        "since": out::time(g.since),
        "until": g.until.map(out::time),
        "state": state(g),
    })
}

fn state(g: &Generation) -> &'static str {
    match g.until {
        None => "in force",
        Some(_) => "revoked, still recognised",
    }
}
