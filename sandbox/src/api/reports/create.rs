//! The request for a report.

use jiff::civil::Date;
use serde::Deserialize;

use crate::clock::Timestamp;
use crate::domain::{ApiError, Id, Result};
use crate::http::extract::LenientBool;
use crate::store::period::{Period, midnight};
use crate::store::reports::{
    Days, Format, Kind, Level, Parameters, ReportDetails, ResultAction, Schedule, ScheduleType,
    Timeframe,
};

/// The maximum number of days in a daily report, which has one line per item and day.
const MAX_DAYS: i32 = 366;

/// The body of a request.
#[derive(Debug, Deserialize)]
pub(super) struct Create {
    parameters: CreateParameters,
    schedule: CreateSchedule,
    result_action: ResultAction,
    // The platform documents it as required, but clients that save a report do not send it.
    recipients: Option<Vec<Id>>,
    generation_date: Option<String>,
}

#[derive(Debug, Deserialize)]
struct CreateParameters {
    tenant_id: Id,
    level: Level,
    kind: Kind,
    formats: Option<Vec<Format>>,
    period: Option<Days>,
    hide_zero_usage: Option<LenientBool>,
    show_skus: Option<LenientBool>,
}

#[derive(Debug, Deserialize)]
struct CreateSchedule {
    #[serde(rename = "type")]
    schedule_type: ScheduleType,
    enabled: Option<LenientBool>,
}

impl Create {
    /// The tenant that the report starts from.
    pub(super) fn tenant_id(&self) -> Id {
        self.parameters.tenant_id
    }

    /// Validates the request and fills in the defaults.
    pub(super) fn validate(&self, now: Timestamp) -> Result<(ReportDetails, Timeframe)> {
        let today = now.civil().date();
        let days = self.days(today)?;
        let generation_date = match &self.generation_date {
            Some(_) if self.schedule.schedule_type != ScheduleType::Once => {
                return Err(ApiError::bad(
                    "generation_date requires a schedule of the type once.",
                ));
            }
            Some(text) => parse_day("generation_date", text)?,
            None => today,
        };
        let recipients = self.recipients.clone().unwrap_or_default();
        if self.result_action == ResultAction::Save && !recipients.is_empty() {
            return Err(ApiError::bad("recipients requires the result_action send."));
        }
        let is_set = |flag: Option<LenientBool>| flag.is_some_and(|flag| flag.0);
        let details = ReportDetails {
            parameters: Parameters {
                kind: self.parameters.kind,
                tenant_id: self.parameters.tenant_id,
                level: self.parameters.level,
                formats: self.formats(),
                period: Days {
                    start: days.0.to_string(),
                    end: days.1.to_string(),
                },
                hide_zero_usage: is_set(self.parameters.hide_zero_usage),
                show_skus: is_set(self.parameters.show_skus),
            },
            schedule: Schedule {
                schedule_type: self.schedule.schedule_type,
                enabled: self.schedule.enabled.is_none_or(|flag| flag.0),
            },
            result_action: self.result_action,
            recipients,
            generation_date: generation_date.to_string(),
        };
        Ok((details, self.timeframe(days, now)?))
    }

    /// Rejects what the platform documents and the sandbox does not simulate.
    pub(super) fn ensure_simulated(&self) -> Result<()> {
        let not_simulated = |what: &str| Err(ApiError::not_simulated(what));
        if self.schedule.schedule_type == ScheduleType::Monthly {
            return not_simulated("A report with the schedule monthly");
        }
        if self.result_action == ResultAction::Send {
            return not_simulated("A report that is sent");
        }
        if self.parameters.kind == Kind::Breakdown {
            return not_simulated("A report of the kind usage_breakdown");
        }
        match self.formats().iter().find(|format| !format.is_simulated()) {
            Some(format) => not_simulated(&format!("A report in the format {}", format.as_str())),
            None => Ok(()),
        }
    }

    fn formats(&self) -> Vec<Format> {
        match &self.parameters.formats {
            Some(formats) if !formats.is_empty() => formats.clone(),
            _ => vec![Format::CsvV2_0],
        }
    }

    /// The first and the last day of the period; by default, the current month until today.
    fn days(&self, today: Date) -> Result<(Date, Date)> {
        let Some(period) = &self.parameters.period else {
            return Ok((today.first_of_month(), today));
        };
        let start = parse_day("period.start", &period.start)?;
        let end = parse_day("period.end", &period.end)?;
        if start > end {
            return Err(ApiError::bad(format!(
                "period: the end, {end}, is before the start, {start}."
            )));
        }
        if end > today {
            return Err(ApiError::bad(format!(
                "period: the end, {end}, is in the future."
            )));
        }
        Ok((start, end))
    }

    fn timeframe(&self, (start, end): (Date, Date), now: Timestamp) -> Result<Timeframe> {
        match self.parameters.kind {
            Kind::Daily if (end - start).get_days() >= MAX_DAYS => Err(ApiError::bad(format!(
                "period: a daily report has at most {MAX_DAYS} days."
            ))),
            Kind::Daily => Ok(Timeframe::Daily(start, end)),
            // The platform ignores the period of this kind.
            Kind::Current => Ok(Timeframe::Whole(Period::of_month(now))),
            Kind::Summary | Kind::Breakdown => Ok(Timeframe::Whole(Period {
                start: midnight(start),
                end: midnight(end.tomorrow().unwrap_or(end)).min(now),
            })),
        }
    }
}

fn parse_day(field: &str, text: &str) -> Result<Date> {
    let invalid = || {
        ApiError::bad(format!(
            "{field}: {text:?} is not a date such as 2026-01-31."
        ))
    };
    if text.len() != "2026-01-31".len() {
        return Err(invalid());
    }
    text.parse().map_err(|_| invalid())
}
