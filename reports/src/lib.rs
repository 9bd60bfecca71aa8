//! What all report examples share: waiting for the file of a report, and counting its lines.

use anyhow::Result;
use common::{Failure, Platform, list, text, wait_until};

/// Waits until the platform has made the report, a minute or two, and tells the id of its stored file.
///
/// # Errors
/// A [`Failure`] where the platform could not make it, or has not made it in the time that the settings give.
pub fn stored_file(platform: &Platform, report_id: &str) -> Result<String> {
    let path = format!("/api/2/reports/{report_id}/stored");
    let wait = platform.config().wait;
    wait_until("the report", wait, || saved(platform, &path))
}

/// The id of the stored file once it is saved. A report has one, as one format was asked for, but perhaps not at first.
fn saved(platform: &Platform, path: &str) -> Result<Option<String>> {
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

/// How many lines a CSV file has below its header. A field between quotation marks may have line breaks in it.
#[must_use]
pub fn lines(csv: &[u8]) -> usize {
    csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(csv)
        .byte_records()
        .count()
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn the_header_is_no_line_and_a_break_in_quotes_ends_none() {
        for (csv, count) in [
            ("", 0),
            ("a,b\r\n", 0),
            ("a,b\r\n1,2\r\n", 1),
            ("a,b\n\"1\n2\",3\nx\n4,5", 3),
        ] {
            assert_eq!(lines(csv.as_bytes()), count, "{csv:?}");
        }
    }
}
