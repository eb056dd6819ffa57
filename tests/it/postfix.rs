//! A real Postfix with a configuration, queue and data folder of its own: submission with STARTTLS and AUTH
//! on a free loopback port. It asks no DNS and hands everything, whatever the domain, to Dovecot by LMTP. Two
//! kinds of recipients do not exist: `refused@…` is refused at RCPT, `bounces@…` is accepted and comes back
//! as a delivery report (by a pipe that ends with EX_NOUSER, for what goes to `error` smtpd refuses at once).

use crate::dovecot::{Dovecot, ids_of};
use crate::stage::{free_port, listens, until};
use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::{Command, Stdio};

pub struct Postfix {
    pub submission: u16,
}

impl Postfix {
    pub fn start(stage: &Path, dovecot: &Dovecot) -> Postfix {
        let dir = stage.join("postfix");
        for part in ["etc", "queue", "data"] {
            fs::create_dir_all(dir.join(part)).expect("a folder for Postfix");
        }
        chown(dir.join("data"), Some(ids_of("postfix").0), None).expect("chown");
        let submission = free_port();
        let etc = dir.join("etc");
        fs::write(etc.join("main.cf"), main_cf(stage, &dir, dovecot)).expect("main.cf");
        fs::write(etc.join("master.cf"), master_cf(submission)).expect("master.cf");
        fs::write(etc.join("refused"), "/^refused[^@]*@/ REJECT 5.1.1 no such person here\n")
            .expect("refused");
        fs::write(etc.join("transport"), "/^bounces[^@]*@/ closed:\n").expect("transport");
        let started = Command::new("postfix").arg("-c").arg(&etc).arg("start").stdin(Stdio::null()).output();
        let started = started.expect("postfix is not installed: bash tests/run installs it");
        assert!(started.status.success(), "postfix start: {}", String::from_utf8_lossy(&started.stderr));
        until(&format!("Postfix to listen (see {}/log)", dir.display()), || listens(submission));
        Postfix { submission }
    }
}

fn main_cf(stage: &Path, dir: &Path, dovecot: &Dovecot) -> String {
    let (stage, dir, sasl, lmtp) = (stage.display(), dir.display(), dovecot.sasl(), dovecot.lmtp);
    format!(
        "
compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
maillog_file = {dir}/log
maillog_file_prefixes = {dir}
myhostname = relay.example
mydomain = relay.example
myorigin = relay.example
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relay_domains = static:ALL
relay_transport = lmtp:inet:127.0.0.1:{lmtp}
default_transport = lmtp:inet:127.0.0.1:{lmtp}
transport_maps = regexp:{dir}/etc/transport
lmtp_dns_support_level = disabled
smtp_dns_support_level = disabled
lmtp_host_lookup = native
smtpd_peername_lookup = no
append_dot_mydomain = no
message_size_limit = 100000000
mailbox_size_limit = 0
queue_run_delay = 2s
minimal_backoff_time = 1s
maximal_backoff_time = 5s
delay_warning_time = 0
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {stage}/cert.pem
smtpd_tls_key_file = {stage}/key.pem
smtpd_tls_auth_only = yes
smtpd_tls_session_cache_database =
smtp_tls_session_cache_database =
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {sasl}
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access regexp:{dir}/etc/refused,
    permit_sasl_authenticated, reject
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
default_process_limit = 20
"
    )
}

fn master_cf(port: u16) -> String {
    format!(
        "
127.0.0.1:{port} inet n - n - - smtpd
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
lmtp      unix  - - n - - lmtp
error     unix  - - n - - error
closed    unix  - n n - - pipe
  user=nobody argv=/bin/sh -c {{echo this mailbox was closed; exit 67}}
retry     unix  - - n - - error
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"
    )
}
