//! `maildesk ticket …`

use super::args::{SetArgs, Ticket};
use super::exit::{Done, Exit, Failure};
use super::{json, out};
use crate::app::{Desk, MessageRow, Ordered, Shown, Status, TicketRow};
use crate::desk::inbound::staff::question;
use crate::desk::order::command::{self, Order};
use crate::desk::text::display_name::Names;
use crate::mail::{AddrSpec, Words};
use serde_json::Value;

/// Carries out one of its commands.
pub fn run(desk: &Desk, verb: &Ticket) -> Done {
    match verb {
        Ticket::List { status, json } => {
            list(desk, desk.operator().tickets(status.as_deref().and_then(Status::from_word))?, *json)
        }
        Ticket::Search { words, json } => search(desk, &words.join(" "), *json),
        Ticket::Show { number, replay, json } => show(desk, *number, *replay, *json),
        Ticket::New { requester, subject, by } => {
            let words = out::words()?;
            let number =
                desk.operator().order(0, by.as_ref(), &Ordered::New { requester, subject, words: &words })?;
            out::line(desk.token(number))
        }
        Ticket::Reply { number, by } => {
            require_ticket(desk, *number)?;
            let words = out::words()?;
            carry_out(desk, *number, by.as_ref(), &Ordered::Reply { words: &words }, "answered")
        }
        Ticket::Note { number, by } => {
            require_ticket(desk, *number)?;
            let words = out::words()?;
            carry_out(desk, *number, by.as_ref(), &Ordered::Note { words: &words }, "noted")
        }
        Ticket::Set(set) => {
            carry_out(desk, set.number, set.by.as_ref(), &Ordered::Orders(orders(desk, set)?), "changed")
        }
        Ticket::Merge { number, into, yes } => {
            out::sure(&format!("Put ticket {number} into {into}?"), *yes)?;
            require_ticket(desk, *into)?;
            let merge = Ordered::Orders(vec![Order::Merge(*into)]);
            carry_out(desk, *number, None, &merge, &format!("merged into {}", desk.token(*into)))
        }
        Ticket::Undo { number, by } => {
            carry_out(desk, *number, by.as_ref(), &Ordered::Undo, "is as it was before")
        }
        Ticket::Split { number, message, yes } => {
            out::sure(&format!("Make a ticket of message {message}?"), *yes)?;
            carry_out(desk, *number, None, &Ordered::Split { message: *message }, "split")
        }
    }
}

/// Refuses a number that no ticket has.
fn require_ticket(desk: &Desk, number: i64) -> Result<(), Failure> {
    let missing =
        || Failure::new(Exit::NoInput, format!("there is no ticket {number}; see maildesk ticket list"));
    desk.operator().ticket(number)?.map(|_| ()).ok_or_else(missing)
}

/// Carries an order out and prints what the ticket is now.
fn carry_out(desk: &Desk, number: i64, by: Option<&AddrSpec>, order: &Ordered<'_>, what: &str) -> Done {
    let number = desk.operator().order(number, by, order)?;
    out::line(format!("{} {what}", desk.token(number)))
}

/// The orders that the flags mean, read by the functions that also read the commands of mails.
fn orders(desk: &Desk, set: &SetArgs) -> Result<Vec<Order>, Failure> {
    let rules = desk.rules_in_force();
    let mut orders = Vec::new();
    let status = set.status.as_deref().map(command::parse_status);
    let priority = set.priority.as_deref().map(|word| command::parse_priority(word).map(Order::Priority));
    let category =
        set.category.as_deref().map(|word| command::parse_category(word, rules).map(Order::Category));
    let assignee = set.assign.as_deref().map(|word| command::parse_assignee(word).map(Order::Assign));
    let tags = (!set.tag.is_empty()).then(|| command::parse_tags(&set.tag.join(" ")).map(Order::Tag));
    let due = set.due.as_deref().map(|word| command::parse_day(word, rules).map(Order::Due));
    for order in [status, priority, category, assignee, tags, due].into_iter().flatten() {
        orders.push(order.map_err(|why| Failure::new(Exit::Data, why))?);
    }
    if orders.is_empty() {
        return Err(Failure::new(Exit::Usage, "nothing to set; see maildesk ticket set --help"));
    }
    Ok(orders)
}

/// Prints the tickets with these words. Where the search was cut, that is said beside the list.
fn search(desk: &Desk, words: &str, as_json: bool) -> Done {
    let (rows, more) = desk.operator().search(words)?;
    let done = list(desk, rows, as_json);
    // An odd search is no error: the word is then looked for as it stands.
    if let Err(fault) = question::search(words) {
        out::complain(&fault.to_string());
    }
    if more {
        out::complain("the search is cut: there may be more; say more words, or longer ones");
    }
    done
}

fn list(desk: &Desk, rows: Vec<TicketRow>, as_json: bool) -> Done {
    if as_json {
        return out::json(&Value::Array(
            rows.iter().map(|r| json::ticket(r, &desk.token(r.ticket.number))).collect(),
        ));
    }
    let names = desk.operator().names()?;
    let cells = rows.iter().map(|r| {
        let who = names.to_staff(&r.requester.name, &r.requester.address);
        vec![
            desk.token(r.ticket.number),
            r.ticket.status.as_str().to_owned(),
            who,
            if r.ticket.subject.is_empty() { "(no subject)".to_owned() } else { r.ticket.subject.clone() },
            out::short_time(r.ticket.updated_at),
        ]
    });
    out::table(&["ticket", "status", "from", "subject", "changed"], cells.collect(), "no tickets")
}

fn show(desk: &Desk, number: i64, replay: bool, as_json: bool) -> Done {
    let found = desk.operator().ticket(number)?;
    let (row, messages) = found.ok_or_else(|| {
        Failure::new(Exit::NoInput, format!("there is no ticket {number}; see maildesk ticket list"))
    })?;
    let rules = desk.rules_in_force();
    let own = Shown { id: 0, name: rules.name.clone(), address: rules.address.to_string() };
    let today = if replay { desk.operator().today(&messages)? } else { Vec::new() };
    if as_json {
        let mut value = json::ticket(&row, &desk.token(number));
        value["messages"] = Value::Array(messages.iter().map(|m| json::message(m, &own)).collect());
        for (at, words) in today.iter().enumerate() {
            value["messages"][at]["replay"] = json::words(words.as_ref());
        }
        return out::json(&value);
    }
    out::text(&page(desk, &desk.operator().names()?, &row, &messages, &today))
}

/// A ticket as its page on the terminal. `today`: what today's rules make of each message; empty where nobody
/// asked.
fn page(
    desk: &Desk,
    names: &Names,
    row: &TicketRow,
    messages: &[MessageRow],
    today: &[Option<Words>],
) -> String {
    let mut text = head(desk, names, row);
    for (at, m) in messages.iter().enumerate() {
        text.push_str(&said(names, m));
        match today.get(at) {
            Some(Some(words)) if words.text == m.text => {
                text.push_str("(today's rules read its mail in the same way)\n")
            }
            Some(Some(words)) => {
                text.push_str(&format!("Today's rules read its mail so:\n{}\n", words.text.trim_end()))
            }
            _ => {}
        }
    }
    text
}

/// What stands above the messages: token, subject, status, people, dates.
fn head(desk: &Desk, names: &Names, row: &TicketRow) -> String {
    let t = &row.ticket;
    let person = |p: &Shown| names.to_staff(&p.name, &p.address);
    let mut text = format!("{}  {}\n", desk.token(t.number), t.subject);
    text.push_str(&format!("{}, {}", t.status.as_str(), t.priority.as_str()));
    for more in t.category.iter().cloned().chain(row.tags.iter().map(|w| format!("+{w}"))) {
        text.push_str(&format!(", {more}"));
    }
    text.push_str(&format!("\nfrom      {}\n", person(&row.requester)));
    for p in &row.participants {
        text.push_str(&format!("also      {}\n", person(p)));
    }
    if let Some(p) = &row.assignee {
        text.push_str(&format!("assigned  {}\n", person(p)));
    }
    if let Some(at) = t.due_at {
        text.push_str(&format!("due       {}\n", out::short_time(at)));
    }
    if let Some(into) = t.merged_into {
        text.push_str(&format!("went into {}\n", desk.token(into)));
    }
    text
}

/// One message with its files.
fn said(names: &Names, m: &MessageRow) -> String {
    let who = match m.author_address.as_str() {
        "" => m.author_name.clone(),
        address => names.to_staff(&m.author_name, address),
    };
    let at = out::short_time(m.created_at);
    let mut text = format!(
        "\n--- {} {at} {} by {}, proof {}\n",
        m.id,
        m.kind.as_str(),
        m.via.as_str(),
        m.verified.as_str()
    );
    text.push_str(&format!("{who}:\n{}\n", m.text.trim_end()));
    for f in &m.files {
        let size = crate::mail::shown_size(u64::try_from(f.size).unwrap_or(0));
        text.push_str(&format!("[{} {}, {size}]\n", f.id, f.filename));
    }
    text
}
