//! Users: logins, activation, passwords, roles; and the search.

use crate::support::{Caller, SandboxFixture, id, text};
use serde_json::{Value, json};

const NIL: &str = "00000000-0000-0000-0000-000000000000";

fn escaped(text: &str) -> impl std::fmt::Display {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
}

#[test]
fn login_is_checked() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.bearer(), fixture.partner());
    let check = |login: &str| {
        let login = escaped(login);
        let path = format!("/api/2/users/check_login?username={login}");
        fixture.get(&me, &path).status
    };
    for free in ["bob", "a.b+c@example.com", "{x}'`/?"] {
        assert_eq!(check(free), 204, "{free}");
    }
    fixture.user(&me, &top, "Bob");
    assert_eq!(check("bOB"), 409);
    for bad in ["", "with space", "ümlaut", "semi;colon", "a\"b"] {
        assert_eq!(check(bad), 406, "{bad}");
    }
    assert_eq!(fixture.get(&me, "/api/2/users/check_login").status, 400);
}

#[test]
fn user_is_created_activated_and_signs_in() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.bearer(), fixture.partner());
    let customer = id(&fixture.tenant(&me, &top, "customer", "C"));
    let user = fixture.user(&me, &customer, "carol");
    assert_eq!(user["version"], 1);
    assert_eq!(user["activated"], false);
    assert_eq!(
        user["notifications"],
        json!(["quota", "reports", "backup_daily_report"])
    );
    let personal = text(&user, "personal_tenant_id");
    let unit = fixture.get(&me, &format!("/api/2/tenants/{personal}"));
    assert_eq!(unit.body["kind"], "unit");
    assert_eq!(unit.body["owner_id"], user["id"]);
    let children = fixture.get(&me, &format!("/api/2/tenants/{customer}/children"));
    assert_eq!(children.body, json!({ "items": [] }));

    let path = format!("/api/2/users/{}", id(&user));
    let sent = fixture.post(&me, &format!("{path}/send-activation-email"), Value::Null);
    assert_eq!((sent.status, sent.body), (204, Value::Null));
    let outbox = fixture.get(&Caller::Nobody, "/_sandbox/outbox");
    let mail = &outbox.body["items"][0];
    assert_eq!(mail["to"], "carol@example.com");
    let link = text(mail, "link");
    let link = link
        .strip_prefix(fixture.sandbox.url())
        .expect("a link to it");
    assert_eq!(fixture.get(&Caller::Nobody, link).status, 200);
    let done = fixture.form(&Caller::Nobody, link, &[("password", "s3cret")]);
    assert_eq!(done.status, 200);
    // The link is valid only once.
    assert_eq!(fixture.get(&Caller::Nobody, link).status, 404);

    let carol = Caller::Password("Carol".to_owned(), "s3cret".to_owned());
    let seen = fixture.get(&carol, "/api/2/users/me");
    assert_eq!((seen.status, &seen.body["activated"]), (200, &json!(true)));
    // Without a role a user can read itself and its tenant and change nothing.
    assert_eq!(
        fixture
            .get(&carol, &format!("/api/2/tenants/{customer}"))
            .status,
        200
    );
    assert_eq!(
        fixture.get(&carol, &format!("/api/2/tenants/{top}")).status,
        403
    );
    let change = json!({ "version": 1, "name": "X" });
    assert_eq!(
        fixture
            .put(&carol, &format!("/api/2/tenants/{customer}"), change)
            .status,
        403
    );
}

#[test]
fn activation_is_for_clients_and_users_of_descendants() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.bearer(), fixture.partner());
    let customer = id(&fixture.tenant(&me, &top, "customer", "C"));
    let below = id(&fixture.user(&me, &customer, "below"));
    let beside = id(&fixture.user(&me, &top, "beside"));
    let send = |caller: &Caller, user: &str| {
        let path = format!("/api/2/users/{user}/send-activation-email");
        fixture.post(caller, &path, json!({})).status
    };
    assert_eq!(send(&fixture.admin(), &below), 403);
    assert_eq!(send(&me, &beside), 403);
    assert_eq!(send(&me, NIL), 404);
    assert_eq!(send(&me, &below), 204);
}

#[test]
fn password_is_set_only_with_a_token() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.bearer(), fixture.partner());
    let user = id(&fixture.user(&me, &top, "dave"));
    let path = format!("/api/2/users/{user}/password");
    let body = json!({ "password": "testSECRETpassword123", "version": 1 });
    assert_eq!(
        fixture.post(&fixture.admin(), &path, body.clone()).status,
        401
    );
    assert_eq!(
        fixture.post(&me, &path, json!({ "password": "" })).status,
        400
    );
    assert_eq!(fixture.post(&me, &path, body).status, 204);
    let grant = [
        ("grant_type", "password"),
        ("username", "dave"),
        ("password", "testSECRETpassword123"),
        ("scope", "offline_access"),
    ];
    let token = fixture.form(&Caller::Nobody, "/api/2/idp/token", &grant);
    assert_eq!(token.status, 200);
    let refresh = text(&token.body, "refresh_token");
    let renew = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    assert_eq!(
        fixture
            .form(&Caller::Nobody, "/api/2/idp/token", &renew)
            .status,
        200
    );
    assert_eq!(
        fixture
            .form(&Caller::Nobody, "/api/2/idp/token", &renew)
            .status,
        401
    );
}

#[test]
fn user_is_changed_disabled_and_deleted() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.bearer(), fixture.partner());
    let user = id(&fixture.user(&me, &top, "erin"));
    fixture.user(&me, &top, "frank");
    let path = format!("/api/2/users/{user}");
    let conflict = fixture.put(&me, &path, json!({ "version": 1, "login": "FRANK" }));
    assert_eq!(conflict.status, 409);
    let invalid = fixture.put(&me, &path, json!({ "version": 1, "login": "a b" }));
    assert_eq!((invalid.status, invalid.code()), (400, 1033));
    let renamed = fixture.put(
        &me,
        &path,
        json!({ "version": 1, "contact": { "firstname": "E" }, "business_types": ["buyer"] }),
    );
    assert_eq!((renamed.status, &renamed.body["version"]), (200, &json!(2)));
    assert_eq!(renamed.body["contact"]["email"], "erin@example.com");
    let stale = fixture.put(&me, &path, json!({ "version": 1 }));
    assert_eq!((stale.status, stale.code()), (409, 1001));
    assert_eq!(
        fixture.delete(&me, &format!("{path}?version=2")).status,
        400
    );
    assert_eq!(
        fixture
            .put(&me, &path, json!({ "version": 2, "enabled": false }))
            .status,
        200
    );
    assert_eq!(
        fixture.delete(&me, &format!("{path}?version=2")).status,
        409
    );
    assert_eq!(
        fixture.delete(&me, &format!("{path}?version=3")).status,
        204
    );
    assert_eq!(fixture.get(&me, &path).status, 404);
    assert_eq!(
        fixture
            .get(&me, &format!("{path}?allow_deleted=true"))
            .status,
        200
    );
    // The login is available again.
    fixture.user(&me, &top, "erin");
}

#[test]
fn new_roles_replace_the_old_ones() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.bearer(), fixture.partner());
    let partner = id(&fixture.tenant(&me, &top, "partner", "P"));
    let customer = id(&fixture.tenant(&me, &partner, "customer", "C"));
    let user = id(&fixture.user(&me, &partner, "grace"));
    let password = json!({ "password": "pw" });
    fixture.post(&me, &format!("/api/2/users/{user}/password"), password);
    let grace = Caller::Password("grace".to_owned(), "pw".to_owned());
    let path = format!("/api/2/users/{user}/access_policies");
    let role = |role: &str, tenant: &str| {
        json!({ "items": [{ "id": NIL, "issuer_id": NIL, "role_id": role, "tenant_id": tenant,
                "trustee_id": user, "trustee_type": "user", "version": 0 }] })
    };
    let under = format!("/api/2/tenants/{customer}");
    assert_eq!(fixture.get(&grace, &under).status, 403);
    let given = fixture.put(&me, &path, role("partner_admin", &partner));
    assert_eq!(given.status, 200, "{given:?}");
    assert_ne!(given.body["items"][0]["id"], NIL);
    assert_eq!(given.body["items"][0]["issuer_id"], json!(top));
    assert_eq!(fixture.get(&grace, &under).status, 200);
    let rename = json!({ "version": 1, "name": "D" });
    assert_eq!(fixture.put(&grace, &under, rename.clone()).status, 200);
    let given = fixture.put(&me, &path, role("readonly_admin", &partner));
    assert_eq!(given.body["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(fixture.get(&grace, &under).status, 200);
    assert_eq!(fixture.put(&grace, &under, rename).status, 403);
    for (rejected, tenant) in [
        ("company_admin", &partner),
        ("partner_admin", &customer),
        ("backup_user", &customer),
        ("emperor", &partner),
    ] {
        let response = fixture.put(&me, &path, role(rejected, tenant));
        assert_eq!(response.status, 400, "{rejected}: {response:?}");
    }
    assert_eq!(fixture.put(&me, &path, role("root_admin", NIL)).status, 404);
    let none = fixture.put(&me, &path, json!({ "items": [] }));
    assert_eq!(none.body["items"], json!([]));
}

#[test]
fn users_are_read_in_batches() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.bearer(), fixture.partner());
    for number in 0..5 {
        fixture.user(&me, &top, &format!("user{number}"));
    }
    let first = format!("/api/2/users?subtree_root_tenant_id={top}&limit=4&lod=stamps");
    let first = fixture.get(&me, &first);
    assert_eq!(first.body["items"].as_array().map(Vec::len), Some(4));
    assert!(first.body["items"][0].get("login").is_none());
    let after = first.body["paging"]["cursors"]["after"]
        .as_str()
        .expect("more");
    let rest = fixture.get(&me, &format!("/api/2/users?after={after}"));
    assert_eq!(rest.body["items"].as_array().map(Vec::len), Some(2));
    assert!(rest.body["paging"]["cursors"].get("after").is_none());
}

#[test]
fn search_matches_word_prefixes() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.bearer(), fixture.partner());
    let partner = id(&fixture.tenant(&me, &top, "partner", "Ünited Rust"));
    let customer = id(&fixture.tenant(&me, &partner, "customer", "Rusty Nails"));
    fixture.user(&me, &customer, "rustam");
    let find = |text: &str, tenant: &str| {
        let text = escaped(text);
        fixture.get(&me, &format!("/api/2/search?tenant={tenant}&text={text}"))
    };
    let found = find("RUST", &top);
    assert_eq!(
        found.body["items"].as_array().map(Vec::len),
        Some(3),
        "{found:?}"
    );
    let found = find("ünit", &top);
    assert_eq!(found.body["items"][0]["path"], json!(["Sandbox Partner"]));
    assert_eq!(found.body["items"][0]["kind"], "partner");
    let user = find("rustam", &top);
    assert_eq!(user.body["items"][0]["obj_type"], "user");
    assert_eq!(
        user.body["items"][0]["path"],
        json!(["Sandbox Partner", "Ünited Rust", "Rusty Nails"])
    );
    assert_eq!(find("ust", &top).body["items"], json!([]));
    assert_eq!(find("ru", &top).status, 400);
    assert_eq!(find("rust", "nonsense").status, 400);
    assert_eq!(find("rust", NIL).status, 404);
}

#[test]
fn users_of_a_tenant_are_sorted() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.admin(), fixture.partner());
    let tenant = id(&fixture.tenant(&me, &top, "partner", "P"));
    for (login, first, enabled) in [
        ("b", "Xenia", true),
        ("c", "anna", true),
        ("A", "Mia", false),
    ] {
        let contact = json!({ "email": "x@example.com", "firstname": first });
        let new =
            json!({ "tenant_id": tenant, "login": login, "contact": contact, "enabled": enabled });
        assert_eq!(fixture.post(&me, "/api/2/users", new).status, 200);
    }
    let ids = |query: &str| {
        let list = fixture.get(&me, &format!("/api/2/tenants/{tenant}/users{query}"));
        assert_eq!(list.status, 200, "{query}: {list:?}");
        let ids = list.body["items"].as_array().expect("a list").clone();
        let logins = ids.iter().map(|id| {
            let id = id.as_str().expect("an id");
            text(
                &fixture.get(&me, &format!("/api/2/users/{id}")).body,
                "login",
            )
        });
        logins.collect::<String>()
    };
    assert_eq!(ids(""), "cAb");
    assert_eq!(ids("?order=name"), "cAb");
    assert_eq!(ids("?order=-name"), "bAc");
    assert_eq!(ids("?order=login"), "Abc");
    assert_eq!(ids("?order=as_is"), "bcA");
    assert_eq!(ids("?order=status"), "bcA");
    for (order, status) in [
        ("roles", 501),
        ("-usage.storage", 501),
        ("height", 400),
        ("", 400),
    ] {
        for list in ["users", "children"] {
            let path = format!("/api/2/tenants/{tenant}/{list}?order={order}");
            let expected = if (order, list) == ("roles", "children") {
                400
            } else {
                status
            };
            assert_eq!(fixture.get(&me, &path).status, expected, "{path}");
        }
    }
}

#[test]
fn filters_are_applied_or_rejected() {
    let fixture = SandboxFixture::new();
    let (me, top) = (fixture.admin(), fixture.partner());
    let status = |query: &str| fixture.get(&me, &format!("/api/2/users?{query}")).status;
    let tree = format!("subtree_root_tenant_id={top}");
    assert_eq!(status(&format!("{tree}&inside_organization=true")), 501);
    assert_eq!(status(&format!("{tree}&inside_organization=false")), 200);
    assert_eq!(status("inside_organization=true"), 400);
    for filter in ["access_policies", "tenant_kinds", "target_tenant_id"] {
        assert_eq!(status(&format!("{tree}&{filter}=x")), 400, "{filter}");
    }
    let new = json!({ "tenant_id": top, "login": "created", "origin_id": "shop",
                      "contact": { "email": "created@example.com" } });
    assert_eq!(fixture.post(&me, "/api/2/users", new).status, 200);
    let of_shop = fixture.get(&me, "/api/2/users?origin_id=shop");
    let items = of_shop.body["items"].as_array().expect("a list");
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["login"], "created");
    let path = format!("/api/2/tenants/{top}/children?after=x");
    assert_eq!(fixture.get(&me, &path).status, 400);
}
