//! Words that look like statements are words, in every field.

use crate::app::testing::{ALICE, BOB, address, desk, letters, mail, take};
use crate::app::{Chain, Ordered, StaffChange};
use crate::desk::order::command::Order;

const EVIL: [&str; 6] = [
    "x'; drop table ticket; select 'x",
    "x\" or \"1\"=\"1",
    "x') union select chain from audit where ('1'='1",
    "x%_%",
    "x ?1 :a @b $c",
    "x\\'; delete from letter where '1'='1",
];

#[test]
fn t87_what_looks_like_sql_is_words() {
    let (_, desk) = desk(&[BOB]);
    let operator = desk.operator();
    for (evil, number) in EVIL.into_iter().zip(1..) {
        let name = evil.replace('\\', "\\\\").replace('"', "\\\"");
        let fields = format!(
            "Subject: {evil}\r\nIn-Reply-To: <{number}'--@c.example>\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; name=\"{name}\"\r\n"
        );
        let raw =
            mail(&format!("\"{name}\" <{ALICE}>"), None, &format!("{number}'--@c.example"), &fields, evil);
        assert_eq!(take(&desk, &raw).outcome, "ticket", "{evil}");
        operator.order(number, None, &Ordered::Note { words: evil }).expect("noted");
        operator
            .order(number, None, &Ordered::Orders(vec![Order::Tag(vec![(evil.into(), true)])]))
            .expect("tagged");
        operator
            .change_staff(&StaffChange::Add {
                address: &address("eve@staff.example"),
                name: evil,
                aliases: &[],
            })
            .expect("staff");
        operator.search(evil).expect("a search");
        assert!(desk.visitors().visitor(evil).expect("a desk").is_none());
        let (row, messages) = operator.ticket(number).expect("a desk").expect("a ticket");
        assert_eq!((row.ticket.subject.as_str(), row.tags), (evil, vec![evil.to_owned()]));
        let said: Vec<&str> = messages.iter().map(|m| m.text.trim()).collect();
        assert_eq!(said, [evil, evil]);
        assert!(operator.staff().expect("staff").iter().any(|s| s.name == evil));
        letters(&desk);
    }
    assert_eq!(operator.tickets(None).expect("tickets").len(), EVIL.len());
    assert!(matches!(operator.audit_log(|_| {}).expect("the log"), Chain::Holds(_)));
}
