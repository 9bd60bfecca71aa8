//! The contents and the file formats of usage reports.

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Parameters;
use super::json::JsonReport;
use crate::domain::Id;
use crate::store::tenants::Tenant;
use crate::store::usage::Figure;

/// A file format of the platform.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// CSV with one line per tenant, item and storage.
    CsvV2_0,
    /// One JSON object with all tenants.
    JsonV2_0,
    /// Not simulated, like the formats below.
    Csv,
    Html,
    JsonV1,
}

impl Format {
    /// The name in the API.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::CsvV2_0 => "csv_v2_0",
            Self::JsonV2_0 => "json_v2_0",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::JsonV1 => "json_v1",
        }
    }

    /// Whether the sandbox can write the format. The other formats are not documented.
    pub(crate) fn is_simulated(self) -> bool {
        matches!(self, Self::CsvV2_0 | Self::JsonV2_0)
    }
}

/// The contents of a report.
#[derive(Debug)]
pub(crate) struct Contents {
    pub parameters: Parameters,
    /// The tenant that owns the storages.
    pub storage_owner: Id,
    /// The usage of each tenant; in daily reports, of each tenant and day.
    pub tenants: Vec<TenantUsage>,
}

/// The usage of a tenant.
#[derive(Debug)]
pub(crate) struct TenantUsage {
    pub tenant: Tenant,
    /// The day of a daily report.
    pub date: Option<Date>,
    pub figures: Vec<Figure>,
}

impl Contents {
    /// The gzipped file in a simulated format.
    pub(crate) fn file(&self, format: Format) -> std::io::Result<Vec<u8>> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        match format {
            Format::JsonV2_0 => serde_json::to_writer(&mut gzip, &JsonReport::new(self))?,
            _ => self.write_csv(&mut gzip)?,
        }
        gzip.finish()
    }
}

/// A stock keeping unit (SKU). The vendor's are not public; these are as stable and as unique.
pub(super) fn sku(figure: &Figure) -> String {
    let item = figure.offered.item;
    format!("SANDBOX-{}", item.name.to_uppercase().replace('_', "-"))
}
