//! A port before pages of a test, and clients that write bytes.

use super::*;
use axum::routing::{get, post};
use std::sync::Weak;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Bytes of a large page.
const LARGE_BYTES: usize = 100_000;
/// How long a connection lives where a test lets it end soon.
const SOON: Duration = Duration::from_millis(50);

/// An answer that takes longer than a connection lives.
async fn long() -> Body {
    let parts = ["first", ", last"].map(Ok::<_, std::convert::Infallible>);
    Body::from_stream(futures_util::StreamExt::then(futures_util::stream::iter(parts), async |part| {
        tokio::time::sleep(2 * SOON).await;
        part
    }))
}

struct House {
    at: SocketAddr,
    /// Lives as long as any answer that is under way.
    answers: Weak<()>,
    _stop: watch::Sender<bool>,
}

impl House {
    async fn open(limits: Limits, proxies: &[(IpAddr, u8)]) -> Self {
        let port = Port::with_limits(limits, proxies).await;
        let at = port.address().expect("an address");
        let alive = Arc::new(());
        let answers = Arc::downgrade(&alive);
        let endless = move || {
            let alive = alive.clone();
            let bytes = futures_util::stream::repeat_with(move || {
                let _ = &alive;
                Ok::<_, std::convert::Infallible>(vec![b'x'; 65_536])
            });
            std::future::ready(Body::from_stream(bytes))
        };
        let pages = Router::new()
            .route("/", get(async || "fine"))
            .route("/words", post(async |text: String| text.len().to_string()))
            .route("/endless", get(endless))
            .route("/large", get(async || "x".repeat(LARGE_BYTES)))
            .route("/long", get(long));
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(port.serve(pages, stopped));
        Self { at, answers, _stop: stop }
    }

    async fn connect(&self, bytes: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.at).await.expect("the port listens");
        stream.write_all(bytes.as_bytes()).await.expect("the bytes are taken");
        stream
    }

    /// Everything that comes back until the other side closes.
    async fn ask(&self, bytes: &str) -> String {
        answer(self.connect(bytes).await).await
    }

    /// Waits until so many answers are under way.
    async fn answers(&self, many: usize) {
        // The handler has one, too.
        while self.answers.strong_count() != many + 1 {
            tokio::task::yield_now().await;
        }
    }
}

async fn answer(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
const ENDLESS: &str = "GET /endless HTTP/1.1\r\nHost: a\r\n\r\n";

fn post_of(length: usize, words: &str) -> String {
    format!("POST /words HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{words}")
}

#[tokio::test]
async fn t77_an_ambiguous_request_gets_400_and_the_connection_closes() {
    let house = House::open(Limits::default(), &[]).await;
    let smuggled = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (head, body) in [
        (
            "POST /words HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            "0\r\n\r\n",
        ),
        ("POST /words HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n", "ab"),
        ("POST /words HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n", "ab"),
        ("POST /words HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 2\r\n\r\n", "ab"),
        ("POST /words HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n", "ab"),
        ("POST /words HTTP/1.1\r\nHost: a\r\nContent-Length: 02\r\n\r\n", "ab"),
        ("POST /words HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", "0\r\n\r\n"),
        ("POST /words HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "0\r\n\r\n"),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", ""),
        ("GET / HTTP/1.1\nHost: a\n\n", ""),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n folded\r\n\r\n", ""),
        ("GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", ""),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", ""),
    ] {
        let answer = house.ask(&format!("{head}{body}{smuggled}")).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{head:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{head:?}: one answer, then the end: {answer}");
    }
    let chunked =
        "POST /words HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let answer = house.ask(&format!("{chunked}{smuggled}")).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n3"),
        "closes after it: {answer}"
    );
    let two = "POST /words HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na\nb".to_owned() + GET;
    assert_eq!(house.ask(&two).await.matches("HTTP/1.1 200 ").count(), 2, "a good one stays open");
}

#[tokio::test]
async fn t116_slow_strangers_keep_nobody_out() {
    let limits = Limits { connections_max: 8, connections_per_network_max: 8, ..Limits::default() };
    let house = House::open(limits, &[]).await;
    let mut slow = Vec::new();
    for n in 0..40 {
        let half = if n % 2 == 0 { "GET / HTTP/1.1\r\nHost:".to_owned() } else { post_of(100, "half") };
        slow.push(house.connect(&half).await);
        if n % 10 == 9 {
            assert!(house.ask(GET).await.ends_with("fine"), "beside {n}");
            assert!(house.ask(&post_of(5, "words")).await.ends_with('5'), "beside {n}");
        }
    }
    // Those that came first had to go.
    assert_eq!(answer(slow.remove(0)).await, "");
}

#[tokio::test]
async fn t116_bodies_are_bounded_in_all() {
    let limits = Limits { body_bytes_max: 1_000, ..Limits::default() };
    let house = House::open(limits, &[]).await;
    let mut slow = Vec::new();
    for _ in 0..10 {
        slow.push(house.connect(&post_of(901, &"x".repeat(900))).await);
    }
    for stream in slow.drain(..9) {
        assert_eq!(answer(stream).await, "", "the slowest body goes");
    }
    assert!(house.ask(&post_of(300, &"y".repeat(300))).await.ends_with("300"));
    let mut last = slow.remove(0);
    let _ = last.write_all(b"x").await;
    assert_eq!(answer(last).await, "");
}

#[tokio::test]
async fn t116_a_reader_that_stands_still_has_to_go() {
    let limits = Limits { goes_after: Duration::from_millis(20), ..Limits::default() };
    let house = House::open(limits, &[]).await;
    let stalled = house.connect(ENDLESS).await;
    house.answers(1).await;
    house.answers(0).await;
    drop(stalled);

    // Where others need its room, it goes earlier.
    let limits = Limits { connections_max: 2, may_go_after: Duration::ZERO, ..Limits::default() };
    let house = House::open(limits, &[]).await;
    let _stalled = [house.connect(ENDLESS).await, house.connect(ENDLESS).await];
    house.answers(2).await;
    assert!(house.ask(GET).await.ends_with("fine"));
    house.answers(1).await;
}

#[test]
fn t116_the_network_with_the_most_connections_makes_room() {
    let limits = Limits { connections_max: 6, connections_per_network_max: 4, ..Limits::default() };
    let proxy: IpAddr = "10.0.0.1".parse().expect("an address");
    let crowd = Crowd::new(limits, &[(proxy, 32)]);
    let start = Instant::now();
    let at = |second: u64| start + Duration::from_secs(second);
    let ip = |last: u8| IpAddr::from([192, 0, 2, last]);
    let gone = |place: &Place| futures_util::FutureExt::now_or_never(place.sent_away()).is_some();
    let one: Vec<_> = (0..4).map(|n| crowd.enter(ip(1), at(n)).expect("room")).collect();
    // The fifth of a network takes the place of its first.
    let fifth = crowd.enter(ip(1), at(4)).expect("room");
    assert!(gone(&one[0]) && !gone(&one[1]));
    let two: Vec<_> = (5..7).map(|n| crowd.enter(ip(2), at(n)).expect("room")).collect();
    let third = crowd.enter(ip(3), at(7)).expect("room");
    assert!(gone(&one[1]) && !two.iter().any(|p| gone(p)), "not of those who have few");
    // Whom the desk is answering is never sent away, nor is a reader that takes something.
    one[2].asks(false, at(8));
    one[3].asks(false, at(8));
    one[3].reads(at(8));
    fifth.asks(true, at(8));
    assert!(crowd.enter(ip(4), at(9)).is_some() && gone(&fifth) && !gone(&one[2]) && !gone(&one[3]));
    drop(third);
    // Behind a proxy, a request tells whose connection it is.
    let crowd = Crowd::new(Limits { connections_per_network_max: 2, ..Limits::default() }, &[(proxy, 32)]);
    let by_proxy: Vec<_> = (0..5).map(|n| crowd.enter(proxy, at(n)).expect("room")).collect();
    for place in &by_proxy[..2] {
        place.asks(true, at(5));
        assert!(place.counts_for(ip(7), at(5)));
    }
    by_proxy[2].asks(false, at(6));
    assert!(by_proxy[2].counts_for(ip(7), at(6)) && gone(&by_proxy[0]), "their slowest goes");
    by_proxy[1].is_asked(at(7));
    by_proxy[3].asks(false, at(7));
    assert!(!by_proxy[3].counts_for(ip(7), at(7)), "all of theirs are at work");
    assert!(by_proxy[4].counts_for(ip(8), at(7)), "others are not concerned");
}

fn ip(last: u8) -> IpAddr {
    IpAddr::from([192, 0, 2, last])
}

fn is_gone(place: &Place) -> bool {
    futures_util::FutureExt::now_or_never(place.sent_away()).is_some()
}

#[test]
fn t116_a_reader_that_takes_a_little_again_and_again_is_slow() {
    let limits = Limits { connections_max: 2, ..Limits::default() };
    let (portion, may_go_after) = (limits.portion_bytes, limits.may_go_after);
    let crowd = Crowd::new(limits, &[]);
    let (start, step) = (Instant::now(), may_go_after / 5);
    let [little, steady] = [1, 2].map(|last| crowd.enter(ip(last), start).expect("room"));
    for place in [&little, &steady] {
        place.asks(false, start);
        place.reads(start);
    }
    let mut now = start;
    for _ in 0..50 {
        now += step;
        steady.took(portion / 2, now);
        // It has asked for many small answers at once, and takes one now and then.
        little.took(1, now);
        little.is_answered();
        little.is_flushed(now);
        little.asks(false, now);
        little.reads(now);
    }
    assert!(little.slow_for(now) >= may_go_after && steady.slow_for(now) < may_go_after);
    let newcomer = crowd.enter(ip(3), now).expect("room");
    assert!(is_gone(&little) && !is_gone(&steady));
    // Between two requests a reader is no reader, however long it thinks.
    steady.is_answered();
    steady.is_flushed(now);
    now += Duration::from_secs(3_600);
    steady.asks(false, now);
    steady.reads(now);
    assert!(steady.slow_for(now) < may_go_after);
    drop(newcomer);
}

#[test]
fn t116_steady_readers_of_a_few_networks_keep_no_other_network_out() {
    let limits = Limits { connections_max: 8, connections_per_network_max: 4, ..Limits::default() };
    let crowd = Crowd::new(limits, &[]);
    let now = Instant::now();
    let enters = |last: u8| {
        let place = crowd.enter(ip(last), now)?;
        place.asks(false, now);
        place.reads(now);
        Some(place)
    };
    let few: Vec<_> = (0..8).map(|n| enters(1 + n % 2).expect("room")).collect();
    assert!(enters(1).is_none(), "a network that has its share gets no more");
    let others: Vec<_> = (3..7).map(|last| enters(last).expect("room for another network")).collect();
    assert_eq!(few.iter().filter(|place| is_gone(place)).count(), 4);
    assert!(!others.iter().any(|place| is_gone(place)));
    // Whoever waits for us may go as well, and whoever the desk is answering may not.
    few.iter().for_each(|place| place.waits(now));
    let seventh = crowd.enter(ip(7), now).expect("room");
    seventh.asks(false, now);
    few.iter().for_each(|place| place.is_asked(now));
    assert!(crowd.enter(ip(8), now).is_none());
}

#[tokio::test]
async fn t116_answers_are_bounded_in_all() {
    let (one, small_answer_bytes) = (LARGE_BYTES * 5 / 4, LARGE_BYTES / 2);
    let limits = Limits { answer_bytes_max: one, small_answer_bytes, ..Limits::default() };
    let crowd = Crowd::new(limits.clone(), &[]);
    let now = Instant::now();
    let [first, second] = [1, 2].map(|last| crowd.enter(ip(last), now).expect("room"));
    assert!(first.holds_answer(LARGE_BYTES, now));
    first.reads(now);
    assert!(!second.holds_answer(LARGE_BYTES, now), "who reads is not cut off for another");
    assert!(second.holds_answer(small_answer_bytes, now), "a small one finds room");
    let late = now + limits.may_go_after;
    assert!(second.holds_answer(LARGE_BYTES, late) && is_gone(&first), "who does not read is");

    // One network leaves room for others.
    let limits = Limits { answer_bytes_max: 2 * one, answer_bytes_per_network_max: one, ..limits };
    let crowd = Crowd::new(limits.clone(), &[]);
    let [first, second, other] = [1, 1, 2].map(|last| crowd.enter(ip(last), now).expect("room"));
    [&first, &second, &other].iter().for_each(|place| place.reads(now));
    assert!(first.holds_answer(LARGE_BYTES, now) && !second.holds_answer(LARGE_BYTES, now));
    assert!(other.holds_answer(LARGE_BYTES, now));

    let house = House::open(Limits { answer_bytes_max: LARGE_BYTES / 2, ..limits }, &[]).await;
    let answer = house.ask(&GET.replace("GET / ", "GET /large ")).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 30"), "{answer}");
    assert!(house.ask(GET).await.ends_with("fine"));
}

#[tokio::test]
async fn an_old_connection_ends_with_its_answer_and_not_in_it() {
    let house = House::open(Limits { ends_after: SOON, ..Limits::default() }, &[]).await;
    let long = "GET /long HTTP/1.1\r\nHost: a\r\n\r\n";
    let answer = house.ask(&format!("{long}{long}")).await;
    assert_eq!(answer.matches("HTTP/1.1 200 ").count(), 1, "no further request is taken: {answer}");
    assert!(answer.contains("first") && answer.ends_with("\r\n0\r\n\r\n"), "{answer}");
}
