//! Usage reports in the format JSON v2.0.

use serde::Serialize;

use super::Parameters;
use super::file::{Contents, TenantUsage, sku};
use crate::domain::{Id, TenantKind};
use crate::store::usage::{Amount, Figure};

/// A JSON report.
#[derive(Debug, Serialize)]
pub(super) struct JsonReport<'a> {
    parameters: &'a Parameters,
    tenants: Vec<JsonTenant<'a>>,
}

#[derive(Debug, Serialize)]
struct JsonTenant<'a> {
    id: Id,
    name: &'a str,
    kind: TenantKind,
    parent_id: Id,
    usages: Vec<JsonUsage<'a>>,
    /// In daily reports.
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
}

#[derive(Debug, Serialize)]
struct JsonUsage<'a> {
    application_id: Id,
    name: &'a str,
    edition: Option<&'a str>,
    usage_name: &'a str,
    measurement_unit: &'a str,
    infra_id: Option<Id>,
    absolute: JsonAmount,
    delta: JsonAmount,
    effective: JsonAmount,
    #[serde(skip_serializing_if = "Option::is_none")]
    sku: Option<String>,
}

#[derive(Debug, Serialize)]
struct JsonAmount {
    total: i64,
    production: i64,
    trial: i64,
}

impl<'a> JsonReport<'a> {
    pub(super) fn new(contents: &'a Contents) -> Self {
        let parameters = &contents.parameters;
        let tenants = contents.tenants.iter();
        Self {
            parameters,
            tenants: tenants
                .map(|usage| JsonTenant::new(usage, parameters.show_skus))
                .collect(),
        }
    }
}

impl<'a> JsonTenant<'a> {
    fn new(usage: &'a TenantUsage, show_skus: bool) -> Self {
        let tenant = &usage.tenant;
        let figures = usage.figures.iter();
        Self {
            id: tenant.id,
            name: &tenant.name,
            kind: tenant.kind,
            parent_id: tenant.parent_id,
            usages: figures
                .map(|figure| JsonUsage::new(figure, show_skus))
                .collect(),
            date: usage.date.map(|date| date.to_string()),
        }
    }
}

impl JsonUsage<'_> {
    fn new(figure: &Figure, show_sku: bool) -> Self {
        let item = figure.offered.item;
        Self {
            application_id: item.application_id,
            name: &item.name,
            edition: item.edition,
            usage_name: item.usage_name,
            measurement_unit: item.unit.as_str(),
            infra_id: figure.offered.infra_id,
            absolute: figure.absolute.into(),
            delta: figure.delta.into(),
            effective: figure.effective().into(),
            sku: show_sku.then(|| sku(figure)),
        }
    }
}

impl From<Amount> for JsonAmount {
    fn from(amount: Amount) -> Self {
        Self {
            total: amount.total(),
            production: amount.production,
            trial: amount.trial,
        }
    }
}
