//! Agents: their JSON, who can see them, and their filters.

use crate::support::demo::{DemoFixture, demo, send};
use reqwest::Method;
use serde_json::{Value, json};

const AGENTS: &str = "/api/agent_manager/v2/agents";

fn agents(fixture: &DemoFixture, query: &str) -> Vec<Value> {
    fixture.get(&format!("{AGENTS}?{query}")).items()
}

#[test]
fn agent_has_the_required_fields() {
    let fixture = DemoFixture::new();
    let page = fixture.get(AGENTS).ok();
    assert_eq!(page["paging"], json!({ "cursors": {} }));
    for agent in page["items"].as_array().expect("a list") {
        for field in [
            "online",
            "enabled",
            "installer_version",
            "meta",
            "units",
            "name",
            "tenant",
            "platform",
            "registration_date",
            "core_version",
            "id",
            "timezone",
            "auto_update",
            "hostname",
            "registration_id",
        ] {
            assert!(agent.get(field).is_some(), "{field}: {agent}");
        }
        let number: &str = agent["tenant"]["id"].as_str().expect("a text");
        assert!(number.parse::<i64>().is_ok(), "{number}");
        let date = agent["registration_date"].as_str().expect("a text");
        assert!(jiff::fmt::rfc2822::parse(date).is_ok(), "{date}");
    }
}

#[test]
fn number_of_machines_equals_the_usage() {
    let fixture = DemoFixture::new();
    let group = fixture
        .get(&format!("/api/1/groups/{}", demo("Alder Dental Practice")))
        .ok();
    let found = agents(&fixture, &format!("tenant_id={}", group["id"]));
    let usages = fixture
        .get(&format!("tenants/{}/usages", demo("Alder Dental Practice")))
        .items();
    let used: i64 = usages
        .iter()
        .filter(|usage| {
            ["workstations", "servers"]
                .iter()
                .any(|name| usage["usage_name"] == **name)
        })
        .filter_map(|usage| usage["value"].as_i64())
        .sum();
    assert_eq!(i64::try_from(found.len()), Ok(used));
}

#[test]
fn filters_and_pages_return_the_matching_agents() {
    let fixture = DemoFixture::new();
    let all = agents(&fixture, "").len();
    for (one, other) in [
        ("online=true", "online=false"),
        ("up_to_date=true", "up_to_date=false"),
        ("unit=atp-agent", "os_family=linux&os_family=MacOSX"),
    ] {
        let (one, other) = (agents(&fixture, one).len(), agents(&fixture, other).len());
        assert!(one > 0 && other > 0);
        assert_eq!(one + other, all);
    }
    let host = agents(&fixture, "hostname=hlike(ALDER-)");
    assert!(host.iter().all(|one| {
        one["hostname"]
            .as_str()
            .is_some_and(|it| it.starts_with("alder-"))
    }));
    let mut seen = 0;
    let mut page = fixture
        .get(&format!("{AGENTS}?limit=7&order=desc(hostname)"))
        .ok();
    loop {
        seen += page["items"].as_array().map_or(0, Vec::len);
        let Some(after) = page["paging"]["cursors"]["after"].as_str() else {
            break;
        };
        page = fixture.get(&format!("{AGENTS}?limit=7&after={after}")).ok();
    }
    assert_eq!(seen, all);
    for bad in [
        "online=maybe",
        "order=asc(name)",
        "after=x",
        "tenant_id=x",
        "limit=-1",
    ] {
        assert_eq!(fixture.get(&format!("{AGENTS}?{bad}")).status, 400, "{bad}");
    }
}

#[test]
fn caller_sees_only_agents_of_their_tenants() {
    let fixture = DemoFixture::new();
    let (own, beside) = (demo("Fern Consulting"), demo("Elm Bakery"));
    let mine = send(fixture.as_client_of(&own, Method::GET, AGENTS)).items();
    assert!(!mine.is_empty());
    assert!(
        mine.iter()
            .all(|agent| agent["tenant"]["name"] == "Fern Consulting")
    );
    let group = fixture.get(&format!("/api/1/groups/{beside}")).ok();
    let other = agents(&fixture, &format!("tenant_id={}", group["id"]));
    let id = other[0]["id"].as_str().expect("an id");
    assert_eq!(
        send(fixture.as_client_of(&own, Method::GET, &format!("{AGENTS}/{id}"))).status,
        403
    );
    let filtered = format!("{AGENTS}?tenant_id={}", group["id"]);
    assert_eq!(
        send(fixture.as_client_of(&own, Method::GET, &filtered)).status,
        403
    );
    assert_eq!(send(fixture.as_nobody(Method::GET, AGENTS)).status, 401);
}

#[test]
fn last_agent_of_a_machine_is_deleted_only_by_force() {
    let fixture = DemoFixture::new();
    let all = agents(&fixture, "");
    let path = format!("{AGENTS}/{}", all[0]["id"].as_str().expect("an id"));
    assert_eq!(fixture.get(&path).ok(), all[0]);
    assert_eq!(fixture.delete(&path).status, 409);
    assert_eq!(fixture.delete(&format!("{path}?force=true")).status, 204);
    assert_eq!(fixture.get(&path).status, 404);
    assert_eq!(fixture.delete(&path).status, 204);
    assert_eq!(agents(&fixture, "").len(), all.len() - 1);
    assert_eq!(
        fixture.get("/api/agent_manager/v2/hardware_nodes").ok(),
        json!({ "items": [] })
    );
}
