//! Serves the pages over a fake house. Not to be merged. Arguments: listen, url, cert, key.
use maildesk::app::Desk;
use maildesk::config::*;
use maildesk::edge::{metrics, web};
use maildesk::mail::AddrSpec;
use std::sync::Arc;

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let address = AddrSpec::parse("support@desk.example").unwrap();
    let config = Config {
        file: "x".into(),
        desk: DeskConfig {
            name: "Dargo Help".into(),
            address: address.clone(),
            url: args[1].parse().unwrap(),
            prefix: "DARGO".into(),
            categories: vec![],
            zone: "Africa/Nairobi".into(),
            language: "en".into(),
            tagline: Some("Printers, networks and everything between.".into()),
            website: None,
            accent: None,
            logo: None,
            security_contact: None,
        },
        data: DataConfig { dir: "x".into(), key_file: "x".into() },
        mailboxes: vec![MailboxConfig {
            name: "support".into(),
            source: MailSource::Maildir("x".into()),
            poll_seconds: 60,
            plus_addressing: true,
            separator: '+',
            junk: None,
        }],
        smtp: SmtpConfig {
            way: SmtpWay::Maildir("x".into()),
            null_sender: true,
            plus_sender: true,
            headers: Default::default(),
        },
        web: WebConfig {
            listen: args[0].parse().unwrap(),
            proxies: vec![("127.0.0.1".parse().unwrap(), 32)],
            metrics_listen: Some("127.0.0.1:9125".parse().unwrap()),
            tls: args.get(2).map(|c| (c.into(), args[3].clone().into())),
            link_minutes: 15,
        },
        staff: vec![],
        trust: TrustConfig {
            authserv_id: None,
            confirm: Confirm::All,
            aliases: vec![],
            own_lists: vec![],
            web_forms: vec![],
        },
        routes: vec![],
        limits: Limits {
            mail_bytes_max: 0,
            upload_bytes_max: 0,
            letters_per_address_day: 0,
            letters_per_domain_hour: 0,
            letters_per_desk_hour: 0,
            tickets_per_sender_hour: 0,
            links_per_address_quarter: 0,
            links_per_address_day: 0,
            links_per_network_quarter: 0,
            answers_per_staff_hour: 0,
            reply_address_days: 0,
            reply_address_days_closed: 0,
        },
        dns_server: None,
        retention: Retention {
            tickets: None,
            sessions: 7,
            raw_mail: None,
            access_log: None,
            persons: None,
            audit_log: None,
            mailbox: false,
        },
        warnings: vec![],
    };
    tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).init();
    let desk = Desk::default();
    for who in ["alice@example.com", "alice@example.com", "ben+x@example.com"] {
        println!("LINK {}/login/{}", args[1], desk.fake_link(who));
    }
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let port = web::bind(&config).await.unwrap();
    let numbers = metrics::bind(&config).await.unwrap().unwrap();
    let config = Arc::new(config);
    let a = tokio::spawn(web::run(port, config, desk.clone(), stopped.clone()));
    let b = tokio::spawn(metrics::run(numbers, desk, stopped));
    tokio::signal::ctrl_c().await.unwrap();
    stop.send(true).unwrap();
    let started = std::time::Instant::now();
    let _ = tokio::join!(a, b);
    println!("STOPPED after {:?}", started.elapsed());
}
