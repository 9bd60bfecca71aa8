//! Each field that an example reads is needed under its name and in its type. Otherwise the error names the field.

use std::{any::type_name, collections::HashSet, fs};

use common::{
    AccessToken, ApiClient, Id, Page,
    auth::NewApiClient,
    json::{DecodeError, object_from_str},
    secret_names::is_secret,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tests::{
    Response, ScriptedServer, TestHome, examples,
    test_home::{LOGIN, PASSWORD},
};

/// A model, and a response with exactly the fields that it reads.
struct Model {
    name: &'static str,
    decode: fn(&str) -> Result<(), DecodeError>,
    sample: Value,
    /// Fields that may be absent or null.
    optional: &'static [&'static str],
    /// Fields that may be null but not absent.
    nullable: &'static [&'static str],
}

fn model<T: DeserializeOwned>(sample: Value) -> Model {
    Model {
        name: type_name::<T>(),
        decode: |text| object_from_str::<T>(text).map(drop),
        sample,
        optional: &[],
        nullable: &[],
    }
}

impl Model {
    fn optional(mut self, fields: &'static [&'static str]) -> Self {
        self.optional = fields;
        self
    }

    fn nullable(mut self, fields: &'static [&'static str]) -> Self {
        self.nullable = fields;
        self
    }
}

/// All models. Fields are named by their place in the sample: `core_version.current.release_id`.
fn models() -> Vec<Model> {
    [common_models(), account_models(), machine_models()]
        .into_iter()
        .flatten()
        .collect()
}

fn common_models() -> Vec<Model> {
    let cursors = json!({ "after": "a", "before": "b" });
    vec![
        model::<ApiClient>(json!({ "client_id": "c", "client_secret": "s", "tenant_id": "t" })),
        model::<NewApiClient>(json!({ "client_id": "c", "client_secret": "s" })),
        model::<AccessToken>(json!({ "access_token": "a", "expires_on": 1 })),
        model::<Page<Id>>(
            json!({ "items": ["a", "b"], "paging": { "cursors": cursors }, "cursors": cursors }),
        )
        .optional(&[
            "items",
            "paging",
            "paging.cursors",
            "paging.cursors.after",
            "paging.cursors.before",
            "cursors",
            "cursors.after",
            "cursors.before",
        ]),
    ]
}

fn account_models() -> Vec<Model> {
    vec![
        model::<tenants::Tenant>(
            json!({ "id": "t", "name": "T", "kind": "partner", "version": 1 }),
        ),
        model::<tenants::SavedTenant>(json!({ "id": "t" })),
        model::<tenants::User>(json!({ "login": "grace" })),
        model::<tenants::Pricing>(json!({ "version": 1 })),
        model::<tenants::ProductionStart>(
            json!({ "production_start_date": "2026-12-01T00:00:00" }),
        )
        .nullable(&["production_start_date"]),
        model::<tenants::Application>(json!({ "id": "a", "name": "A", "type": "backup" })),
        model::<tenants::EditionSwitch>(json!({ "warnings": ["ThirdPartyLimits"] })),
        model::<tenants::OfferingItem>(json!({
            "status": 1, "edition": "standard", "type": "infra", "usage_name": "storage", "infra_id": "s",
        }))
        .nullable(&["edition"])
        .optional(&["infra_id"]),
        model::<users::SavedTenant>(json!({ "id": "t" })),
        model::<users::User>(json!({ "id": "u", "login": "grace" })),
        model::<users::SavedUser>(json!({ "login": "grace" })),
        model::<users::OneTimeToken>(json!({ "ott": "o" })),
        model::<usage::Usage>(json!({
            "name": "storage",
            "edition": "standard",
            "measurement_unit": "bytes",
            "value": 1,
            "absolute_value": 2,
            "offering_item": { "quota": { "value": 3 } },
        }))
        .optional(&[
            "edition",
            "absolute_value",
            "offering_item",
            "offering_item.quota",
            "offering_item.quota.value",
        ]),
        model::<reports::Report>(json!({ "id": "r" })),
        model::<reports::StoredReport>(json!({ "id": "s", "status": "saved" })).optional(&["id"]),
    ]
}

fn machine_models() -> Vec<Model> {
    let issue =
        json!({ "severity": "error", "link": "", "error": { "code": "C", "message": "M" } });
    let policy =
        json!({ "id": "p", "type": "t", "enabled": true, "name": "P", "parent_ids": ["q"] });
    vec![
        model::<agent::Agent>(json!({
            "hostname": "pc",
            "online": true,
            "platform": { "name": "Windows" },
            "core_version": { "current": { "release_id": "25.1" } },
            "tenant": { "name": "ACME" },
        })),
        model::<agent::RegistrationToken>(json!({ "token": "t" })),
        model::<agent::User>(json!({ "personal_tenant_id": "p" })),
        model::<agent::Customer>(json!({ "id": "c" })),
        model::<agent::Group>(json!({ "id": 1 })),
        model::<monitoring::Task>(json!({ "state": "completed", "result": { "code": "ok" } }))
            .optional(&["result"]),
        model::<monitoring::Alert>(json!({ "severity": "error" })),
        model::<resources::Resource>(
            json!({ "id": "r", "name": "pc", "type": "resource.machine", "parent_group_ids": ["g"] }),
        )
        .optional(&["parent_group_ids"]),
        model::<resources::ResourceStatus>(json!({
            "context": { "name": "pc" },
            "aggregate": { "status": "idle", "names": "P" },
            "policies": [{ "last_run_time": "a", "last_run": "b", "next_run_time": "c", "next_run": "d" }],
        }))
        .optional(&[
            "aggregate",
            "aggregate.names",
            "policies",
            "policies[0].last_run_time",
            "policies[0].last_run",
            "policies[0].next_run_time",
            "policies[0].next_run",
        ]),
        model::<plans::Plan>(json!({ "policy": [policy] })).optional(&[
            "policy",
            "policy[0].name",
            "policy[0].parent_ids",
        ]),
        model::<Page<plans::AppliedPlan>>(
            json!({ "items": [[{ "policy": { "id": "p", "parent_ids": ["q"] } }]] }),
        )
        .optional(&["items", "items[0][0].policy.parent_ids"]),
        model::<plans::CreatedPlan>(json!({ "result": ["p@t"], "issues": [issue] })).optional(&[
            "result",
            "issues",
            "issues[0].link",
            "issues[0].error",
            "issues[0].error.message",
        ]),
        model::<plans::Issues>(json!({ "issues": [issue] })).optional(&[
            "issues",
            "issues[0].link",
            "issues[0].error",
            "issues[0].error.message",
        ]),
        model::<plans::Issue>(issue).optional(&["link", "error", "error.message"]),
    ]
}

#[test]
fn a_renamed_field_is_an_error_unless_it_is_optional() {
    for model in models() {
        (model.decode)(&model.sample.to_string())
            .unwrap_or_else(|error| panic!("{}: {error}", model.name));
        for pointer in pointers(&model.sample, "") {
            let (parent, field) = pointer.rsplit_once('/').expect("a pointer has a slash");
            let mut renamed = model.sample.clone();
            let Some(Value::Object(fields)) = renamed.pointer_mut(parent) else {
                continue; // An item of a list has no name.
            };
            let value = fields.remove(field).expect("the field exists");
            fields.insert("new_name".to_owned(), value);

            let outcome = (model.decode)(&renamed.to_string());

            let what = format!("{}: {}", model.name, location(&pointer));
            if model.optional.contains(&location(&pointer).as_str()) {
                outcome.unwrap_or_else(|error| panic!("{what} is not optional: {error}"));
                continue;
            }
            let error = outcome.expect_err(&format!("{what} is not needed"));
            assert_eq!(error.location, location(parent), "{what}");
            assert_eq!(error.reason, format!("missing field `{field}`"), "{what}");
        }
    }
}

#[test]
fn a_field_of_another_type_is_an_error_that_names_it() {
    let wrong = [json!(true), json!(7), json!("x"), json!([]), json!({})];
    for model in models() {
        for pointer in pointers(&model.sample, "") {
            let location = location(&pointer);
            let mut changed = model.sample.clone();
            let field = changed.pointer_mut(&pointer).expect("the field exists");
            let value = field.take();

            let outcome = (model.decode)(&changed.to_string());
            let field = location.as_str();
            let may_be_null = model.optional.contains(&field) || model.nullable.contains(&field);
            assert_eq!(outcome.is_ok(), may_be_null, "{}: {field}", model.name);

            for wrong in wrong.iter().filter(|it| kind(it) != kind(&value)) {
                *changed.pointer_mut(&pointer).expect("the field exists") = wrong.clone();
                let what = format!("{}: {field} is {wrong}", model.name);
                let error = (model.decode)(&changed.to_string()).expect_err(&what);
                assert_eq!(error.location, field, "{what}: {error}");
            }
        }
    }
}

#[test]
fn an_error_in_a_secret_does_not_quote_it() {
    let mut secrets = 0;
    for model in models() {
        for pointer in pointers(&model.sample, "") {
            let field = location(&pointer);
            if !is_secret(&field) {
                continue;
            }
            for wrong in [json!(null), json!(""), json!(4711), json!(["4711"])] {
                let mut changed = model.sample.clone();
                *changed.pointer_mut(&pointer).expect("the field exists") = wrong;
                let error = (model.decode)(&changed.to_string()).expect_err(model.name);
                assert_eq!(
                    error.reason, "expected a non-empty string",
                    "{}",
                    model.name
                );
                assert_eq!(error.location, field, "{}", model.name);
            }
            secrets += 1;
        }
    }
    assert_eq!(secrets, 5, "secrets in all models");
}

#[test]
fn every_model_of_the_domain_crates_is_checked() {
    // `common::json::page::Page<plans::model::AppliedPlan>` contains two models.
    let checked: HashSet<String> = models()
        .iter()
        .flat_map(|model| model.name.split(['<', '>']))
        .filter_map(|path| {
            let (package, _) = path.split_once("::")?;
            let (_, name) = path.rsplit_once("::")?;
            Some(format!("{package}::{name}"))
        })
        .collect();
    let packages: HashSet<_> = examples::all().iter().map(|it| &it.package).collect();
    for package in packages {
        let Ok(files) = fs::read_dir(examples::checkout().join(package).join("src")) else {
            continue;
        };
        for file in files.map(|file| file.expect("the folder is readable").path()) {
            let source = fs::read_to_string(&file).unwrap_or_default();
            for declared in source.split("#[derive(").skip(1) {
                let mut lines = declared.lines();
                let derives = lines.next().unwrap_or_default();
                let public = lines
                    .find(|line| line.contains("struct "))
                    .and_then(|line| line.strip_prefix("pub struct "));
                let Some(name) = public.filter(|_| derives.contains("Deserialize")) else {
                    continue;
                };
                let name: String = name.chars().take_while(|c| c.is_alphanumeric()).collect();
                assert!(
                    checked.contains(&format!("{package}::{name}")),
                    "{name} of {} is not in `models`: add it with a sample response",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn an_example_names_the_call_and_the_field() {
    let sign_in = format!("{LOGIN}\n{PASSWORD}\n");
    for (example, input, response, expected) in [
        (
            "create_api_client",
            sign_in.as_str(),
            json!({ "tenant": "t" }),
            "GET /api/2/users/me: unexpected response: missing field `tenant_id`",
        ),
        (
            "create_api_client",
            &sign_in,
            json!({ "tenant_id": 5 }),
            "GET /api/2/users/me: unexpected response: tenant_id: invalid type: integer `5`, expected a string",
        ),
        (
            "start_plan_execution",
            "",
            json!({ "items": [{ "uuid": "m" }] }),
            "GET /api/resource_management/v4/resources: unexpected response: items[0]: missing field `id`",
        ),
        (
            "start_plan_execution",
            "",
            json!({ "items": [{ "id": null }] }),
            "GET /api/resource_management/v4/resources: unexpected response: items[0].id: invalid type: null, expected a string",
        ),
        (
            "create_report_retrieve",
            "",
            json!({ "id": "../users" }),
            "POST /api/2/reports: unexpected response: id: \"../users\" is not an id",
        ),
    ] {
        let server = ScriptedServer::new([Response::json(200, response)]);
        let home = TestHome::new(&server.url());
        let home = if input.is_empty() {
            home.for_customer()
        } else {
            home
        };

        let outcome = home.example(example).input(input).refused(1);

        assert!(outcome.stderr.contains(expected), "{outcome}");
        assert_eq!(server.calls().len(), 1, "{outcome}");
    }
}

/// The JSON pointers of all fields and list items of a value: `/items/0/id`.
fn pointers(value: &Value, at: &str) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (format!("{at}/{name}"), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| (format!("{at}/{index}"), value))
            .collect(),
        _ => Vec::new(),
    };
    let mut all = Vec::new();
    for (pointer, value) in children {
        all.extend(pointers(value, &pointer));
        all.push(pointer);
    }
    all
}

/// A JSON pointer as errors write it: `items[0].id`.
fn location(pointer: &str) -> String {
    let mut location = String::new();
    for part in pointer.split('/').skip(1) {
        if part.parse::<usize>().is_ok() {
            location += &format!("[{part}]");
        } else {
            if !location.is_empty() {
                location.push('.');
            }
            location += part;
        }
    }
    location
}

/// The JSON type of a value.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
