//! If a field that an example reads has another name or type in the response, the error names the field.

use std::{
    any::type_name,
    collections::{BTreeSet, HashMap},
    fs,
    path::Path,
};

use common::{
    AccessToken, ApiClient, Id, Lossless, Page, SavedTenant,
    auth::{ClientCredentials, ClientOwner, ClockSkew},
    json::{DecodeError, object_from_str},
    secret_names::is_secret,
};
use regex::Regex;
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
        model::<ApiClient>(json!({ "client_id": "c", "client_secret": "s", "tenant_id": "t" }))
            .optional(&["tenant_id"]),
        model::<ClientOwner>(json!({ "tenant_id": "t" })),
        model::<ClientCredentials>(json!({ "client_id": "c", "client_secret": "s" })),
        model::<AccessToken>(json!({ "access_token": "a", "expires_on": 1 })),
        model::<SavedTenant>(json!({ "id": "t" })),
        model::<ClockSkew>(json!({ "seconds": 60 })),
        model::<Lossless<ClockSkew>>(json!({ "seconds": 60 })),
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
        model::<authorization::SignedInUser>(json!({ "tenant_id": "t" })),
        model::<tenants::Tenant>(
            json!({
                "id": "t", "name": "T", "kind": "partner", "version": 1, "enabled": true,
                "update_lock": { "enabled": true }, "pricing_mode": "trial",
            }),
        )
        .optional(&["enabled", "update_lock", "pricing_mode"]),
        model::<tenants::undo::CreatedTenant>(json!({
            "version": 1, "enabled": true, "update_lock": { "enabled": true, "owner_id": "t" },
        }))
        .optional(&["update_lock", "update_lock.owner_id"]),
        model::<tenants::undo::CreatedUser>(json!({
            "id": "u", "login": "grace", "version": 1, "enabled": true, "personal_tenant_id": "p",
        }))
        .optional(&["personal_tenant_id"]),
        model::<tenants::undo::Versioned>(json!({ "version": 1 })),
        model::<tenants::User>(json!({ "login": "grace" })),
        model::<tenants::Pricing>(json!({ "version": 1 })),
        model::<tenants::ProductionStart>(
            json!({ "production_start_date": "2026-12-01T00:00:00" }),
        )
        .nullable(&["production_start_date"]),
        model::<tenants::Application>(json!({ "id": "a", "name": "A", "type": "backup" })),
        model::<tenants::EditionSwitch>(json!({ "warnings": ["ThirdPartyLimits"] })),
        model::<tenants::SearchResult>(json!({
            "obj_type": "tenant", "id": "t", "path": ["R"], "kind": "partner", "name": "T", "login": "grace",
        }))
        .optional(&["kind", "name", "login"]),
        model::<tenants::OfferingItem>(json!({
            "application_id": "a", "name": "storage", "status": 1, "edition": "standard", "type": "infra",
            "usage_name": "storage", "infra_id": "s",
        }))
        .nullable(&["edition"])
        .optional(&["infra_id"]),
        model::<users::User>(json!({ "id": "u", "login": "grace" })),
        model::<users::UserLogin>(json!({ "login": "grace" })),
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
        model::<agent::RegistrationToken>(json!({ "token": "t", "expires_at": "2026-12-01T00:00:00Z" }))
            .optional(&["expires_at"]),
        model::<agent::PersonalTenant>(json!({ "id": "u", "personal_tenant_id": "p" }))
            .optional(&["personal_tenant_id"]),
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
        model::<plans::Machine>(json!({ "id": "m" })),
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
fn a_list_is_not_taken_for_an_object() {
    for model in models() {
        let mut all = pointers(&model.sample, "");
        all.push(String::new());
        for pointer in all {
            let mut changed = model.sample.clone();
            let value = changed.pointer_mut(&pointer).expect("the field exists");
            let Value::Object(fields) = value else {
                continue;
            };
            // The fields of a struct in their order are what serde would accept.
            *value = fields.values().cloned().collect();

            let outcome = (model.decode)(&changed.to_string());

            let what = format!("{}: {}", model.name, location(&pointer));
            let error = outcome.expect_err(&what);
            assert_eq!(error.location, location(&pointer), "{what}: {error}");
        }
    }
}

#[test]
fn every_optional_or_nullable_field_is_in_the_sample() {
    for model in models() {
        let pointers = pointers(&model.sample, "");
        let fields: Vec<_> = pointers.iter().map(|pointer| location(pointer)).collect();
        for field in model.optional.iter().chain(model.nullable) {
            assert!(
                fields.iter().any(|it| it == field),
                "{}: the sample has no {field}",
                model.name
            );
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

/// Types that are decoded, but need no sample.
const WITHOUT_SAMPLE: [&str; 7] = [
    // Accepts any JSON.
    "common::Checked",
    // Recognizes an error in a successful response. Anything else is not an error.
    "common::Probe",
    "common::ProbedError",
    "common::ObjectIds",
    // What a token is for. It may be absent.
    "common::TokenScope",
    // The lines of `created.jsonl`.
    "common::Line",
    // The settings files.
    "common::Settings",
];

#[test]
fn every_type_that_is_decoded_is_in_a_model() {
    // `common::json::page::Page<plans::model::AppliedPlan>` contains two models.
    let mut checked: BTreeSet<String> = models()
        .iter()
        .flat_map(|model| model.name.split(['<', '>']))
        .filter_map(|path| {
            let (package, _) = path.split_once("::")?;
            let (_, name) = path.rsplit_once("::")?;
            Some(format!("{package}::{name}"))
        })
        .chain(WITHOUT_SAMPLE.map(str::to_owned))
        .collect();
    let packages: BTreeSet<_> = examples::all()
        .iter()
        .map(|it| it.package.as_str())
        .collect();
    for package in packages.into_iter().chain(["common"]) {
        let source = sources(&examples::checkout().join(package).join("src"));
        // The types of a model's fields are checked with it.
        let declared = declarations(&source);
        let mut nested: Vec<String> = checked.iter().cloned().collect();
        while let Some(outer) = nested.pop() {
            let fields = outer
                .strip_prefix(package)
                .and_then(|it| it.strip_prefix("::"));
            let fields = fields.and_then(|name| declared.get(name)).copied();
            let words = fields
                .unwrap_or_default()
                .split(|c: char| !c.is_alphanumeric());
            for name in words.filter(|word| declared.contains_key(word)) {
                let inner = format!("{package}::{name}");
                if checked.insert(inner.clone()) {
                    nested.push(inner);
                }
            }
        }
        for name in decoded(&source) {
            assert!(
                checked.contains(&format!("{package}::{name}")),
                "{name} of {package} is not in `models`: add it with a sample response"
            );
        }
    }
}

/// The sources below a folder, without comments and unit tests.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("the sources are readable");
    let paths = entries.map(|entry| entry.expect("the sources are readable").path());
    let texts = paths.map(|path| {
        if path.is_dir() {
            return sources(&path);
        }
        let text = fs::read_to_string(&path).expect("a source is text");
        let code = text.split("#[cfg(test)]\nmod tests").next();
        let lines = code.unwrap_or_default().lines();
        lines
            .filter(|line| !line.trim_start().starts_with("//"))
            .flat_map(|line| [line, "\n"])
            .collect()
    });
    texts.collect()
}

/// The structs and enums of a source, each with its fields.
fn declarations(source: &str) -> HashMap<&str, &str> {
    let pattern = r"(?ms)^ *(?:pub(?:\(\w+\))? )?(?:struct|enum) (\w+)(.*?)(?:;|^ *\})$";
    let pattern = Regex::new(pattern).expect("the pattern is valid");
    let declarations = pattern.captures_iter(source).map(|it| it.extract());
    declarations
        .map(|(_, [name, fields])| (name, fields))
        .collect()
}

/// The types of a source that serde decodes.
///
/// # Panics
/// If two have the same name: a model of one would hide that the other has none.
fn decoded(source: &str) -> BTreeSet<&str> {
    let derived = r"#\[derive\([^)]*\bDeserialize\b[^)]*\)\][^;{]*?\b(?:struct|enum) (\w+)";
    let implemented = r"\bDeserialize<'de> for (\w+)";
    let mut names = BTreeSet::new();
    for pattern in [derived, implemented] {
        let pattern = Regex::new(pattern).expect("the pattern is valid");
        for (_, [name]) in pattern.captures_iter(source).map(|it| it.extract()) {
            assert!(
                names.insert(name),
                "two types that are decoded are named {name}"
            );
        }
    }
    names
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
