//! Has the platform make a report on the current usage and downloads it as CSV.
//!
//! ```text
//! cargo run -p reports --bin create_report_retrieve
//! ```
//!
//! - Asks for: nothing. The setting `wait_seconds` says how long to wait for the report.
//! - Needs: `api_client.json`, which `create_api_client` makes.
//! - Calls: POST `/api/2/reports`, GET `/api/2/reports/{id}/stored` until the report is saved,
//!   GET `/api/2/reports/{id}/stored/{stored}`.
//! - Leaves: `report_for_tenant_{me}.csv`.
//! - Half way: the platform makes the report all the same, and it harms nobody. Run it again for another one.

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Platform, Step, counted, text};
use reports::{lines, stored_file};
use serde_json::json;

fn main() -> ExitCode {
    common::run(common::about!(), create_report)
}

fn create_report(platform: &Platform) -> Result<()> {
    let me = platform.tenant_id();

    // Made once, and saved; others are made every month, or sent by mail.
    let request = json!({
        "parameters": {
            "kind": "usage_current",
            "tenant_id": me,
            "level": "accounts",
            "formats": ["csv_v2_0"],
        },
        "schedule": { "type": "once" },
        "result_action": "save",
    });
    let report = platform
        .post("/api/2/reports", &request)
        .step("creating the report")?;
    let id = text(&report, "id").context("creating the report")?;

    // A report takes a minute or two.
    let stored_id = stored_file(platform, id).context("looking for the report")?;

    let csv = platform
        .download(&format!("/api/2/reports/{id}/stored/{stored_id}"))
        .context("downloading the report")?;
    let file = format!("report_for_tenant_{me}.csv");
    platform.save_bytes(&file, &csv)?;

    println!("The report is in {file}, {}", counted(lines(&csv), "line"));
    Ok(())
}
