//! What goes over the wire and into files, call by call, on a platform that answers by a script.

mod agent;
mod authorization;
mod call_log;
mod clock;
mod headers;
mod impersonation;
mod monitoring;
mod navigate;
mod plans;
mod platform_token;
mod reports;
mod resources;
mod retries;
mod tenants;
mod tenants_editions;
mod tenants_life;
mod token_refused;
mod two_at_once;
mod usage;
mod users;
