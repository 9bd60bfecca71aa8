//! Reads the current usage of the API client's tenant and everything below it.
//!
//! ```text
//! cargo run -p usage --bin get_tenant_usage
//! ```
//!
//! The platform refreshes the figures about every half hour. Do not use them for billing.
//!
//! - Calls: GET `/api/2/tenants/{tenant}/usages`.
//! - Writes: `tenant_usage_{tenant}.json`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Lossless, Options, Page, Platform, count};
use usage::Usage;

fn main() -> ExitCode {
    let about = common::about!().json().tenant("the API client's tenant");
    common::run_with_options(about, get_usage)
}

fn get_usage(platform: &Platform, options: &Options) -> Result<()> {
    let tenant = options.tenant_or(platform.tenant_id());

    // The usage of a partner is the sum over its customers.
    let usages: Lossless<Page<Usage>> = platform
        .get(&format!("/api/2/tenants/{tenant}/usages"))
        .fetch()
        .context("read the usage")?;
    let file = format!("tenant_usage_{tenant}.json");
    platform.save(&file, &usages)?;

    // Items that are neither used nor limited appear in the file only.
    let header = ["item", "edition", "used", "quota", ""];
    let rows = usages.items.iter().filter_map(Usage::row);
    let summary = format!("{} saved in {file}", count(usages.items.len(), "usage"));
    options.print_list(&usages, header, rows, &summary)
}
