//! What stands in a usage report, and how it is written.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::catalogue::{Application, Storage};
use crate::domain::Id;
use crate::store::tenants::Tenant;
use crate::store::usage::{Amount, Figure};

/// A file format of the platform's.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// Comma-separated, one line per tenant, item and storage.
    CsvV2_0,
    /// One JSON object with all tenants.
    JsonV2_0,
    /// Older, for spreadsheets.
    Csv,
    /// For people.
    Html,
    /// Older.
    JsonV1,
}

impl Format {
    /// The word of the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Format::CsvV2_0 => "csv_v2_0",
            Format::JsonV2_0 => "json_v2_0",
            Format::Csv => "csv",
            Format::Html => "html",
            Format::JsonV1 => "json_v1",
        }
    }

    /// Whether the sandbox can write it. Nobody has written down what the other formats look like.
    pub(crate) fn is_made(self) -> bool {
        matches!(self, Format::CsvV2_0 | Format::JsonV2_0)
    }
}

/// All that a file is made of.
#[derive(Debug)]
pub(crate) struct Contents {
    /// What was asked for, as it was answered.
    pub parameters: Value,
    /// Who owns the storages.
    pub storage_owner: Id,
    /// With a column for the article numbers.
    pub show_skus: bool,
    /// Tenant by tenant; a daily report has each tenant once per day.
    pub tenants: Vec<TenantUsage>,
}

/// What one tenant used.
#[derive(Debug)]
pub(crate) struct TenantUsage {
    /// The tenant.
    pub tenant: Tenant,
    /// The day, in daily reports.
    pub date: Option<Date>,
    /// Its figures.
    pub figures: Vec<Figure>,
}

impl Contents {
    /// The file in one of the formats that can be made, gzipped as it is kept.
    pub(crate) fn file(&self, format: Format) -> std::io::Result<Vec<u8>> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        match format {
            Format::JsonV2_0 => serde_json::to_writer(&mut gzip, &self.json())?,
            _ => self.write_csv(&mut gzip)?,
        }
        gzip.finish()
    }

    fn write_csv(&self, out: &mut impl Write) -> std::io::Result<()> {
        let daily = self.tenants.iter().any(|usage| usage.date.is_some());
        let mut csv = csv::Writer::from_writer(out);
        for column in COLUMNS {
            csv.write_field(column)?;
        }
        if self.show_skus {
            csv.write_field("sku")?;
        }
        if daily {
            csv.write_field("date")?;
        }
        csv.write_record(None::<&[u8]>)?;
        for usage in &self.tenants {
            for figure in &usage.figures {
                for value in self.fields(&usage.tenant, figure) {
                    csv.write_field(value)?;
                }
                if self.show_skus {
                    csv.write_field(sku(figure))?;
                }
                if let Some(date) = usage.date {
                    csv.write_field(date.to_string())?;
                }
                csv.write_record(None::<&[u8]>)?;
            }
        }
        csv.flush()
    }

    /// In the order of [`COLUMNS`].
    fn fields(&self, tenant: &Tenant, figure: &Figure) -> [String; COLUMNS.len()] {
        let item = figure.offered.item;
        let application = Application::find(item.application_id);
        let storage = figure.offered.infra_id.and_then(Storage::find);
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let [absolute, delta, effective] = [figure.absolute, figure.delta, figure.effective()];
        [
            tenant.id.to_string(),
            tenant.name.clone(),
            tenant.kind.as_str().to_owned(),
            tenant.parent_id.to_string(),
            text(tenant.customer_id.as_deref()),
            item.application_id.to_string(),
            text(application.map(|application| application.name)),
            item.name.clone(),
            item.usage_name.to_owned(),
            text(item.edition),
            item.unit.as_str().to_owned(),
            text(figure.offered.infra_id.map(|id| id.to_string()).as_deref()),
            text(storage.map(|_| self.storage_owner.to_string()).as_deref()),
            text(storage.map(|storage| storage.backend_type)),
            absolute.total().to_string(),
            absolute.production.to_string(),
            absolute.trial.to_string(),
            delta.total().to_string(),
            delta.production.to_string(),
            delta.trial.to_string(),
            effective.total().to_string(),
            effective.production.to_string(),
            effective.trial.to_string(),
        ]
    }

    fn json(&self) -> Value {
        let tenants: Vec<Value> = self
            .tenants
            .iter()
            .map(|usage| self.tenant(usage))
            .collect();
        json!({ "parameters": self.parameters, "tenants": tenants })
    }

    fn tenant(&self, usage: &TenantUsage) -> Value {
        let tenant = &usage.tenant;
        let usages: Vec<Value> = usage
            .figures
            .iter()
            .map(|figure| self.usage(figure))
            .collect();
        let mut value = json!({
            "id": tenant.id,
            "name": tenant.name,
            "kind": tenant.kind,
            "parent_id": tenant.parent_id,
            "usages": usages,
        });
        if let (Some(date), Some(fields)) = (usage.date, value.as_object_mut()) {
            fields.insert("date".to_owned(), date.to_string().into());
        }
        value
    }

    fn usage(&self, figure: &Figure) -> Value {
        let amount = |amount: Amount| {
            json!({
                "total": amount.total(),
                "production": amount.production,
                "trial": amount.trial,
            })
        };
        let item = figure.offered.item;
        let mut value = json!({
            "application_id": item.application_id,
            "name": item.name,
            "edition": item.edition,
            "usage_name": item.usage_name,
            "measurement_unit": item.unit.as_str(),
            "infra_id": figure.offered.infra_id,
            "absolute": amount(figure.absolute),
            "delta": amount(figure.delta),
            "effective": amount(figure.effective()),
        });
        if let (true, Some(fields)) = (self.show_skus, value.as_object_mut()) {
            fields.insert("sku".to_owned(), sku(figure).into());
        }
        value
    }
}

/// The columns of CSV v2.0; `sku` and `date` come behind them where they are wanted.
const COLUMNS: [&str; 23] = [
    "tenant.id",
    "tenant.name",
    "tenant.kind",
    "tenant.parent_id",
    "tenant.customer_id",
    "application.id",
    "application.name",
    "name",
    "usage_name",
    "edition",
    "measurement_unit",
    "infra.id",
    "infra.owner_id",
    "infra.backend_type",
    "usage.absolute.total",
    "usage.absolute.production",
    "usage.absolute.trial",
    "usage.delta.total",
    "usage.delta.production",
    "usage.delta.trial",
    "usage.effective.total",
    "usage.effective.production",
    "usage.effective.trial",
];

/// An article number. The real ones are the vendor's; these are only as stable and as unique.
fn sku(figure: &Figure) -> String {
    let item = figure.offered.item;
    format!("SANDBOX-{}", item.name.to_uppercase().replace('_', "-"))
}
