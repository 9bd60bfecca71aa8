//! Reports: the models, waiting for the file of a report, and counting its rows.

use anyhow::Result;
use common::{Failure, Id, Page, Platform, UnexpectedResponse, poll_until, progress};
use serde::Deserialize;

/// A report order, the response of `POST /api/2/reports`.
#[derive(Debug, Deserialize)]
pub struct Report {
    /// Its id.
    pub id: Id,
}

/// A stored file of a report, an item of `GET /api/2/reports/{id}/stored`.
#[derive(Debug, Deserialize)]
pub struct StoredReport {
    /// Its id. May be absent until the file is saved.
    id: Option<Id>,
    /// `saved` when the file is complete, `failed` if it cannot be generated.
    status: String,
}

/// Polls until the file of a report is saved and returns the id of the file. A terminal shows that the example is
/// waiting. The setting `wait_seconds` limits the wait.
///
/// # Errors
/// A [`Failure`] if the report failed or is not saved in time; an [`UnexpectedResponse`] if the saved file has no id.
pub fn wait_for_file(platform: &Platform, report: &Report) -> Result<Id> {
    let path = format!("/api/2/reports/{}/stored", report.id);
    let _progress = progress("waiting for the report");
    poll_until(platform.config().wait, || {
        // One format was ordered, so there is one file. It may not be listed at first.
        let files: Page<StoredReport> = platform.get(&path).fetch()?;
        let Some(file) = files.items.into_iter().next() else {
            return Ok(None);
        };
        match file.status.as_str() {
            "saved" => file.id.map(Some).ok_or_else(|| {
                let reason = "items[0]: missing field `id`";
                UnexpectedResponse::new(format!("GET {path}"), reason).into()
            }),
            "failed" => Err(Failure::new(
                "the platform could not generate it",
                "Run the example again to order a new report.",
            )
            .into()),
            _ => Ok(None),
        }
    })
}

/// The number of rows of a CSV file, without its header. A quoted field may contain line breaks.
#[must_use]
pub fn rows(csv: &[u8]) -> usize {
    csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(csv)
        .byte_records()
        .count()
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn counts_rows_without_header_and_across_quoted_line_breaks() {
        for (csv, count) in [
            ("", 0),
            ("a,b\r\n", 0),
            ("a,b\r\n1,2\r\n", 1),
            ("a,b\n\"1\n2\",3\nx\n4,5", 3),
        ] {
            assert_eq!(rows(csv.as_bytes()), count, "{csv:?}");
        }
    }
}
