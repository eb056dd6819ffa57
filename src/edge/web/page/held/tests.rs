//! The page of a link about held mail, before a desk in memory.

use crate::app::testing::{self, address, desk, letters, mail, take};
use crate::app::{Desk, Ordered, StaffChange};
use crate::desk::order::command::Order;
use crate::edge::web::serve::routes;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request};
use std::sync::Arc;
use tower::ServiceExt;

const BOB: &str = "bob@staff.example";

struct Room {
    desk: Desk,
    pages: Router,
}

impl Room {
    /// Alice's ticket, of which Bob was told.
    fn new() -> (Self, testing::Letter) {
        let (config, desk) = desk(&[BOB]);
        let pages = routes(Arc::new(config), desk.clone(), false);
        take(&desk, &mail("alice@customer.example", None, "1@c.example", "Subject: lamp\r\n", "It is dark."));
        let notice = letters(&desk).into_iter().find(|l| l.to == BOB).expect("a notice");
        (Self { desk, pages }, notice)
    }

    /// A mail in the name of Bob that nothing proves.
    fn forged(&self, id: &str, text: &str) -> i64 {
        let raw = mail(BOB, None, id, &format!("Subject: {id} [DESK-1]\r\n"), text);
        assert_eq!(take(&self.desk, &raw).outcome, "held");
        self.desk.operator().held().expect("held").last().expect("a row").id
    }

    async fn ask(&self, method: Method, path: &str, form: Option<&str>) -> (u16, String) {
        let request = Request::builder().method(method).uri(path).header("host", "desk.example");
        let request = request.header("origin", "https://desk.example");
        let request = match form {
            Some(_) => request.header("content-type", "application/x-www-form-urlencoded"),
            None => request,
        };
        let request = request.body(Body::from(form.unwrap_or_default().to_owned())).expect("a request");
        let answer = self.pages.clone().oneshot(request).await.expect("an answer");
        for (name, value) in [("cache-control", "no-store"), ("referrer-policy", "no-referrer")] {
            assert_eq!(answer.headers()[name], value);
        }
        assert!(!answer.headers().contains_key("set-cookie"));
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    async fn page(&self, path: &str) -> (u16, String) {
        self.ask(Method::GET, path, None).await
    }

    async fn press(&self, path: &str, page: &str, id: i64, act: &str) -> (u16, String) {
        let seal = seal_of(page, id);
        self.ask(Method::POST, path, Some(&format!("page={seal}&mail={id}&act={act}"))).await
    }

    fn to_alice(&self) -> Vec<String> {
        letters(&self.desk)
            .iter()
            .filter(|l| l.to == "alice@customer.example")
            .map(testing::Letter::words)
            .collect()
    }

    fn open(&self) -> Vec<i64> {
        self.desk.operator().held().expect("held").iter().map(|h| h.id).collect()
    }
}

/// The hidden value of the form of a mail.
fn seal_of(page: &str, id: i64) -> String {
    let form = page
        .split("<form")
        .find(|f| f.contains(&format!("name=\"mail\" value=\"{id}\"")))
        .unwrap_or_default();
    let at = form.find("name=\"page\" value=\"").map(|i| i + "name=\"page\" value=\"".len());
    at.map_or_else(String::new, |i| form[i..].split('"').next().unwrap_or_default().to_owned())
}

fn path(letters: &[testing::Letter]) -> String {
    let link = letters.iter().find_map(|l| l.link("https://desk.example/held/")).expect("a link");
    link.strip_prefix("https://desk.example").expect("our own").to_owned()
}

#[tokio::test]
async fn t01_the_person_in_whose_name_it_came_decides() {
    let (room, _) = Room::new();
    let first = room.forged("first@x.example", "#close\nNew bulbs are on the way.");
    let told = letters(&room.desk);
    assert_eq!(
        told.iter().map(|l| l.to.as_str()).collect::<Vec<_>>(),
        [BOB],
        "nobody but his stored address"
    );
    let path = path(&told);
    let second = room.forged("second@x.example", "Send me your password.");
    assert!(letters(&room.desk).is_empty(), "one letter an hour");
    let (status, page) = room.page(&path).await;
    assert_eq!(status, 200);
    for shown in ["first@x.example [DESK-1]", "second@x.example [DESK-1]", "nothing proves the sender", BOB] {
        assert!(page.contains(shown), "{shown} in {page}");
    }
    assert!(!page.contains("<script"));
    let (status, after) = room.press(&path, &page, second, "discard").await;
    assert_eq!((status, room.open()), (200, vec![first]), "{after}");
    assert!(room.to_alice().is_empty());
    let (status, _) = room.press(&path, &page, first, "confirm").await;
    assert_eq!((status, room.open()), (200, vec![]));
    let answers = room.to_alice();
    assert!(answers.len() == 1 && answers[0].contains("New bulbs"), "{answers:?}");
    let (row, messages) = room.desk.operator().ticket(1).expect("a desk").expect("a ticket");
    assert_eq!((row.ticket.status.as_str(), messages.len()), ("closed", 2), "its command acted, too");
    // Each mail is answered once, and then the link is as dead as one that never was.
    for (id, act) in [(first, "confirm"), (second, "confirm"), (first, "discard")] {
        assert_eq!(room.press(&path, &page, id, act).await.0, 410);
    }
    let (status, dead) = room.page(&path).await;
    assert_eq!((status, dead), room.page(&format!("/held/{}", "A".repeat(43))).await);
    assert_eq!(status, 410);
    assert!(room.to_alice().is_empty());
}

#[tokio::test]
async fn t105_links_by_get_change_nothing() {
    let (room, _) = Room::new();
    let id = room.forged("first@x.example", "words");
    let path = path(&letters(&room.desk));
    let before = format!(
        "{:?} {:?}",
        room.desk.operator().held().expect("held"),
        room.desk.condition().counts().expect("counts")
    );
    for _ in 0..10 {
        for method in [Method::GET, Method::HEAD] {
            for way in ["", "?act=confirm&mail=1", &format!("?mail={id}&act=discard")] {
                assert_eq!(room.ask(method.clone(), &format!("{path}{way}"), None).await.0, 200);
            }
        }
    }
    assert_eq!(
        before,
        format!(
            "{:?} {:?}",
            room.desk.operator().held().expect("held"),
            room.desk.condition().counts().expect("counts")
        )
    );
    assert_eq!(room.page(&path).await.0, 200, "the link lives");
}

#[tokio::test]
async fn t69_a_button_works_from_its_own_page_alone() {
    let (room, _) = Room::new();
    let id = room.forged("first@x.example", "words");
    let path = path(&letters(&room.desk));
    let (_, page) = room.page(&path).await;
    let seal = seal_of(&page, id);
    let form = format!("page={seal}&mail={id}&act=confirm");
    for (wrong, status) in [
        (format!("page=&mail={id}&act=confirm"), 403),
        (format!("page={seal}x&mail={id}&act=confirm"), 403),
        (format!("page={seal}&mail={}&act=confirm", id + 1), 403),
        (format!("page={seal}&mail={id}&act=spam"), 400),
        (format!("page={seal}&mail={id}&act=confirm&more=1"), 400),
        (format!("mail={id}&act=confirm"), 400),
    ] {
        assert_eq!(room.ask(Method::POST, &path, Some(&wrong)).await.0, status, "{wrong}");
    }
    let other = format!("/held/{}", "A".repeat(43));
    assert_eq!(room.ask(Method::POST, &other, Some(&form)).await.0, 403, "another link");
    let foreign =
        Request::post(&path).header("host", "desk.example").header("origin", "https://evil.example");
    let foreign = foreign
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .expect("a request");
    assert_eq!(room.pages.clone().oneshot(foreign).await.expect("an answer").status().as_u16(), 403);
    assert_eq!(room.open(), [id], "nothing acted");
}

#[tokio::test]
async fn quarantine_and_colleagues_have_no_part_in_it() {
    let (room, _) = Room::new();
    let own = room.forged("first@x.example", "words");
    let path = path(&letters(&room.desk));
    // A mail of a sender who was marked as spam lies in quarantine, whoever looks.
    room.desk.operator().order(1, None, &Ordered::Orders(vec![Order::Spam])).expect("ordered");
    take(&room.desk, &mail("alice@customer.example", None, "2@c.example", "Subject: x\r\n", "more"));
    assert_eq!(room.desk.condition().held_count().expect("a count"), 2);
    let (_, page) = room.page(&path).await;
    assert_eq!(page.matches("name=\"mail\"").count(), 1);
    let hidden = room
        .desk
        .operator()
        .held()
        .expect("held")
        .iter()
        .map(|h| h.id)
        .find(|id| *id != own)
        .expect("two rows");
    assert_eq!(room.press(&path, &page, hidden, "confirm").await.0, 403);
    // Who is no longer staff decides nothing.
    room.desk.operator().change_staff(&StaffChange::Remove { address: &address(BOB) }).expect("removed");
    assert_eq!(room.page(&path).await.0, 410);
    assert_eq!(room.open().len(), 2, "and nothing is forgotten");
}
