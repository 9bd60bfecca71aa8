//! A platform on this machine: if nothing listens at its address, it was not started.

use std::{error::Error, io, iter::successors, net::TcpStream, time::Duration};

use reqwest::Url;

/// What to do if nothing listens there.
pub(super) const HELP: &str = "Start the sandbox in another terminal with `cargo run -p sandbox`, or set base_url in \
                               cyber.platform.cfg.json to your data center.";

/// Whether a connection was refused: nothing listens at the address.
pub(super) fn is_refused(error: &(dyn Error + 'static)) -> bool {
    successors(Some(error), |&error| error.source()).any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|cause| cause.kind() == io::ErrorKind::ConnectionRefused)
    })
}

/// The error, if the address refuses the connection. Any other failure is reported by the first call.
pub(super) fn refusal(base: &Url, timeout: Duration) -> Option<io::Error> {
    let mut refusal = None;
    // `localhost` has several addresses, and the sandbox may listen on only one of them.
    for address in base.socket_addrs(|| None).unwrap_or_default() {
        match TcpStream::connect_timeout(&address, timeout) {
            Err(cause) if cause.kind() == io::ErrorKind::ConnectionRefused => refusal = Some(cause),
            _ => return None,
        }
    }
    refusal
}
