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

use std::process::ExitCode;

use anyhow::{Context, Result};
use common::{Failure, Platform, list, text, wait_until};
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
        .context("creating the report")?;
    let id = text(&report, "id").context("creating the report")?;

    // A report takes a minute or two.
    let path = format!("/api/2/reports/{id}/stored");
    let wait = platform.config().wait;
    let stored_id = wait_until("the report", wait, || saved_file(platform, &path))
        .context("looking for the report")?;

    let csv = platform
        .download(&format!("{path}/{stored_id}"))
        .context("downloading the report")?;
    let file = format!("report_for_tenant_{me}.csv");
    platform.save_bytes(&file, &csv)?;

    println!("The report is in {file} ({} bytes)", csv.len());
    Ok(())
}

/// The id of the stored file once it is saved. A report has one, as one format was asked for, but perhaps not at first.
fn saved_file(platform: &Platform, path: &str) -> Result<Option<String>> {
    let stored = platform.get(path, &[])?;
    let Some(file) = list(&stored, "items")?.first() else {
        return Ok(None);
    };
    match text(file, "status")? {
        "saved" => Ok(Some(text(file, "id")?.to_owned())),
        "in_progress" => Ok(None),
        other => Err(Failure::new(
            format!("the platform could not make the report: its status is {other}"),
            "Run it again for a new report.",
        )
        .into()),
    }
}
