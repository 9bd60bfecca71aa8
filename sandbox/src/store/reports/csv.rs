//! Usage reports in the format CSV v2.0.

use std::io::Write;

use super::file::{Contents, sku};
use crate::catalogue::{Application, Storage};
use crate::store::tenants::Tenant;
use crate::store::usage::Figure;

/// The columns. `sku` and `date` follow if requested.
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

impl Contents {
    /// Writes one line per tenant, item and storage.
    pub(super) fn write_csv(&self, out: &mut impl Write) -> std::io::Result<()> {
        let daily = self.tenants.iter().any(|usage| usage.date.is_some());
        let mut csv = ::csv::Writer::from_writer(out);
        for column in COLUMNS {
            csv.write_field(column)?;
        }
        if self.parameters.show_skus {
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
                if self.parameters.show_skus {
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
        let optional = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let [absolute, delta, effective] = [figure.absolute, figure.delta, figure.effective()];
        [
            tenant.id.to_string(),
            tenant.name.clone(),
            tenant.kind.as_str().to_owned(),
            tenant.parent_id.to_string(),
            optional(tenant.customer_id.as_deref()),
            item.application_id.to_string(),
            optional(application.map(|application| application.name)),
            item.name.clone(),
            item.usage_name.to_owned(),
            optional(item.edition),
            item.unit.as_str().to_owned(),
            optional(figure.offered.infra_id.map(|id| id.to_string()).as_deref()),
            optional(storage.map(|_| self.storage_owner.to_string()).as_deref()),
            optional(storage.map(|storage| storage.backend_type)),
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
}
