//! The outside tests of maildesk. They know the program only by what it shows: its command line, its mails,
//! its pages and its exit codes. Real Dovecot and Postfix stand around it, over TLS; where a peer has to
//! misbehave, a scripted server or a proxy takes its place.
//!
//! `cargo test --test it NAME` runs one of them; a failed test prints the end of the daemon's log.

mod browser;
mod clock;
mod crash;
mod desk;
mod dns;
mod dovecot;
mod fake_imap;
mod fake_mailbox;
mod house;
mod intake;
mod intake_house;
mod intake_oddities;
mod intake_words;
mod journey;
mod journey_faults;
mod journey_held;
mod journey_time;
mod letters;
mod mailer;
mod postfix;
mod proxy;
mod signer;
mod sink;
mod stage;
mod storms;
mod threats;
mod threats_bounds;
mod threats_keys;
mod threats_letters;
mod threats_names;
mod threats_operator;
mod threats_people;
mod threats_probe;
mod threats_proof;
mod threats_relay;
mod threats_restore;
mod threats_stamps;
mod threats_store;
mod threats_tls;
mod world;
