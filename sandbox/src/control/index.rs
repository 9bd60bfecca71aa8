//! `/`: what the sandbox serves, for a person who opens its address.

use crate::state::State;

/// The most useful addresses, as plain text.
pub(super) async fn index(state: State) -> String {
    let (url, version) = (&state.url, env!("CARGO_PKG_VERSION"));
    format!(
        "This is the sandbox of the Acronis Cyber Platform examples, version {version}.

The API:
  {url}api/2/             tenants, users, API clients, tokens, offering items, reports
  {url}api/…              agents, resources, plans, tasks, activities, alerts

The control interface:
  {url}_sandbox/health    version and counts
  {url}_sandbox/requests  the request log; ?order=desc shows the newest call first
  {url}_sandbox/outbox    the e-mails that would have been sent
  {url}_sandbox/clock     the simulated time
  {url}_sandbox/faults    the faults that are set

How to sign in and what works: sandbox/README.md in the repository.
"
    )
}
