//! `demo`: the same daemon in a folder of its own, where mail comes in by one Maildir and goes out by
//! another. On a page beside it a newcomer plays customer and staff.

use super::demo_folder;
use super::demo_page::{self, Person, Stage};
use crate::app::Desk;
use crate::config::Config;
use crate::edge::cli::{Done, Exit, Failure, out};
use crate::edge::http::Port;
use crate::edge::web;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;

const DESK: &str = "help@acme.example";

/// Runs until a signal. A folder that nobody named is removed at the end.
pub fn run(dir: Option<&Path>, port: Option<u16>) -> Done {
    let own = dir.is_none();
    let io = |e: std::io::Error| {
        let place = dir.unwrap_or(Path::new("a temporary folder")).display();
        Failure::new(Exit::CannotCreate, format!("cannot make the demo in {place}: {e}"))
    };
    let dir = demo_folder::make(dir).map_err(io)?;
    let file = demo_folder::configure(&dir, &configuration(free_port()?)).map_err(io)?;
    let config = crate::config::load(&file).map_err(|e| Failure::new(Exit::Config, e))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let done = runtime.block_on(desk_and_page(config, &dir, port));
    if own {
        let _ = std::fs::remove_dir_all(&dir);
    }
    done
}

/// The daemon and the page beside it.
async fn desk_and_page(config: Config, dir: &Path, port: Option<u16>) -> Done {
    let signals = super::serve::Signals::catch()?;
    let _lock = super::lock::hold(&config.data.dir)?;
    let desk = Desk::open_in_step(&config)?;
    // The sample mails may come before the first look; they were not there before the desk.
    desk.ledger().begin_maildir("help", &[], false)?;
    let listen = SocketAddr::from(([127, 0, 0, 1], port.unwrap_or(0)));
    let port = Port::bind(listen, None, &[]).await.map_err(|e| Failure::new(Exit::Unavailable, e))?;
    let stage = Arc::new(stage(dir, config.desk.url.as_str()));
    let place = port.address()?;
    let mut site = config.clone();
    site.desk.url = format!("http://{place}").parse().expect("an address is a url");
    let pages = web::guarded(&site, demo_page::routes(stage.clone()));
    out::text(&format!(
        "The demo is ready: http://{place}/\n\n\
         Open it and try this:\n\
         \u{20} 1. Write to the desk as Alice, a customer. Her mailbox shows the confirmation at once.\n\
         \u{20} 2. Answer the notice in Bob's mailbox: he is staff and uses nothing but mail.\n\
         \u{20} 3. Alice reads Bob's answer. Her confirmation has a link to the web page of her ticket.\n\
         \u{20} 4. Let Bob answer with #close on the first line, or with #help.\n\n\
         Everything lies in {}. The desk's own command line works beside it:\n\
         \u{20} maildesk --config {} ticket list\n\nCtrl-C ends the demo.\n",
        dir.display(),
        dir.join("maildesk.toml").display()
    ))?;
    let sample = tokio::spawn(demo_page::sample(stage));
    let (_stop, stopped) = watch::channel(false);
    let page = tokio::spawn(port.serve(pages, stopped));
    let done = super::serve::run_tasks(Arc::new(config), desk, true, signals).await;
    sample.abort();
    page.abort();
    done
}

fn stage(dir: &Path, url: &str) -> Stage {
    let person =
        |name: &str, address: &str, staff: bool| Person { name: name.into(), address: address.into(), staff };
    Stage {
        inbox: dir.join("in"),
        outbox: dir.join("out"),
        desk: DESK.into(),
        url: url.trim_end_matches('/').to_owned(),
        people: vec![
            person("Alice Arnold", "alice@customer.example", false),
            person("Carol Clark", "carol@other.example", false),
            person("Bob Builder", "bob@acme.example", true),
        ],
    }
}

fn free_port() -> Result<u16, Failure> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn configuration(pages: u16) -> String {
    let path = PathBuf::from("data");
    format!(
        "# The desk of the demo: mail comes in by one Maildir and goes out by another.\n\
         [desk]\nname = \"Acme Help\"\naddress = \"{DESK}\"\n\
         url = \"http://127.0.0.1:{pages}\"\nprefix = \"ACME\"\n\
         categories = [\"Lamps\", \"Printers\"]\n\n[data]\ndir = \"{}\"\n\n\
         [[mailbox]]\nname = \"help\"\nmaildir = \"in\"\npoll_seconds = 1\nplus_addressing = true\n\n\
         [smtp]\nmaildir = \"out\"\nplus_sender = true\n\n[web]\nlisten = \"127.0.0.1:{pages}\"\n\n\
         [[staff]]\nname = \"Bob Builder\"\naddress = \"bob@acme.example\"\n",
        path.display()
    )
}
