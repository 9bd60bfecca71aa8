//! Orders a report on the current usage and downloads it as CSV.
//!
//! ```text
//! cargo run -p reports --bin create_report_retrieve
//! ```
//!
//! - Calls: POST `/api/2/reports`, GET `/api/2/reports/{id}/stored` until the report is saved,
//!   GET `/api/2/reports/{id}/stored/{stored}`.
//! - Writes: `report_for_tenant_{tenant}.csv`.
//! - If it fails midway: the platform still generates the report; this is harmless. Run the example again for a new one.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{ObjectKind, Options, Platform, count, println};
use reports::{Report, rows, wait_for_file};
use serde_json::json;

fn main() -> ExitCode {
    let about = common::about!().steps(&["order the report"]);
    common::run_with_options(about.tenant("the API client's tenant"), create_report)
}

fn create_report(platform: &Platform, options: &Options) -> Result<()> {
    let tenant = options.tenant_or(platform.tenant_id());
    // Generate the report once and save it. Reports can also be generated every month or sent by e-mail.
    let request = json!({
        "parameters": {
            "kind": "usage_current",
            "tenant_id": tenant,
            "level": "accounts",
            "formats": ["csv_v2_0"],
        },
        "schedule": { "type": "once" },
        "result_action": "save",
    });
    let report: Report = platform
        .post("/api/2/reports")
        .json(&request)
        .step("order the report")
        .creates(ObjectKind::Report, "usage_current", tenant)
        .fetch()?;

    // Generating it takes a minute or two. The setting `wait_seconds` limits the wait.
    let stored = wait_for_file(platform, &report)
        .with_context(|| format!("wait for the report {}", report.id))?;
    let csv = platform
        .get(&format!("/api/2/reports/{}/stored/{stored}", report.id))
        .download()
        .context("download the report")?;
    let file = format!("report_for_tenant_{tenant}.csv");
    platform.save_bytes(&file, &csv)?;
    println!("Report with {} saved in {file}", count(rows(&csv), "row"));
    Ok(())
}
