//! Acting as a user: one-time tokens, cookie sessions, signing out; and customer-scoped tokens.

use crate::support::{Caller, SandboxFixture, id, send, text};
use reqwest::blocking::Response;
use serde_json::{Value, json};

const OTT: &str = "/api/2/idp/ott";
const LOGIN: &str = "/api/2/idp/ott/login";
const LOGOUT: &str = "/api/2/idp/logout";
const ME: &str = "/api/2/users/me";

/// A customer with a user `carol`: the customer's id and the user.
fn carol(fixture: &SandboxFixture, me: &Caller) -> (String, Value) {
    let customer = id(&fixture.tenant(me, &fixture.partner(), "customer", "C"));
    let user = fixture.user(me, &customer, "carol");
    (customer, user)
}

fn ott(fixture: &SandboxFixture, me: &Caller) -> String {
    let new_token = json!({ "purpose": "user_login", "login": "carol" });
    text(&fixture.post(me, OTT, new_token).ok(), "ott")
}

fn sign_in(fixture: &SandboxFixture, ott: &str) -> Response {
    let request = fixture.request(&Caller::Nobody, "POST", LOGIN);
    let request = request.json(&json!({ "ott": ott }));
    request.send().expect("a response")
}

/// The cookie as a client returns it: name and value.
fn cookie(response: &Response) -> String {
    let header = response.headers()["set-cookie"].to_str().expect("text");
    header.split(';').next().expect("a pair").to_owned()
}

/// The cookie of a session of `carol`.
fn session(fixture: &SandboxFixture, me: &Caller) -> String {
    let response = sign_in(fixture, &ott(fixture, me));
    assert_eq!(response.status().as_u16(), 200);
    cookie(&response)
}

fn with_cookie(fixture: &SandboxFixture, cookie: &str, path: &str) -> crate::support::Response {
    send(
        fixture
            .request(&Caller::Nobody, "GET", path)
            .header("Cookie", cookie),
    )
}

#[test]
fn client_signs_a_user_in_and_out() {
    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    let (customer, user) = carol(&fixture, &me);

    let response = sign_in(&fixture, &ott(&fixture, &me));
    let header = response.headers()["set-cookie"]
        .to_str()
        .expect("text")
        .to_owned();
    for part in ["; Path=/", "; HttpOnly", "; SameSite="] {
        assert!(header.contains(part), "{header}");
    }
    assert!(!header.contains("Secure"), "{header}");
    let cookie = cookie(&response);
    let body: Value = serde_json::from_str(&response.text().expect("text")).expect("JSON");
    assert_eq!(body["id"], user["id"]);
    assert_eq!(body["login"], "carol");

    let seen = with_cookie(&fixture, &cookie, ME).ok();
    assert_eq!(seen["login"], "carol");
    let among_others = format!("a=b; {cookie}; c=d");
    assert_eq!(with_cookie(&fixture, &among_others, ME).status, 200);
    // It is accepted wherever a user is, and nowhere else.
    let customer = format!("/api/2/tenants/{customer}");
    assert_eq!(with_cookie(&fixture, &cookie, &customer).status, 200);
    let top = format!("/api/2/tenants/{}", fixture.partner());
    assert_eq!(with_cookie(&fixture, &cookie, &top).status, 403);

    let signed_out = fixture
        .request(&Caller::Nobody, "GET", LOGOUT)
        .header("Cookie", &cookie)
        .send()
        .expect("a response");
    assert_eq!(signed_out.status().as_u16(), 200);
    let kind = signed_out.headers()["content-type"].to_str().expect("text");
    assert!(kind.starts_with("text/html"), "{kind}");
    let expired_cookie = signed_out.headers()["set-cookie"].to_str().expect("text");
    assert!(expired_cookie.contains("Max-Age=0"), "{expired_cookie}");
    assert!(
        signed_out
            .text()
            .expect("text")
            .contains("location.replace('/')")
    );
    assert_eq!(with_cookie(&fixture, &cookie, ME).status, 401);
    assert_eq!(fixture.get(&Caller::Nobody, LOGOUT).status, 200);
}

#[test]
fn one_time_token_is_valid_once_and_only_for_sign_in() {
    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    carol(&fixture, &me);
    let token = ott(&fixture, &me);
    assert_eq!(sign_in(&fixture, &token).status().as_u16(), 200);
    let verify = json!({ "purpose": "verify", "login": "carol" });
    let verify = text(&fixture.post(&me, OTT, verify).ok(), "ott");

    for bad in [token.as_str(), &verify, "dGVzdA==", ""] {
        let response = sign_in(&fixture, bad);
        assert_eq!(response.status().as_u16(), 401, "{bad}");
        assert!(response.headers().get("set-cookie").is_none());
    }
    for bad in [json!({}), json!({ "ott": 7 }), json!([])] {
        assert_eq!(fixture.post(&Caller::Nobody, LOGIN, bad).status, 400);
    }
}

#[test]
fn user_is_selected_in_one_of_three_ways() {
    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    let (_, user) = carol(&fixture, &me);
    let path = format!("/api/2/users/{}", id(&user));
    let named = json!({ "version": user["version"], "external_id": "ext-7" });
    let external = fixture.put(&me, &path, named).ok();
    assert_eq!(external["external_id"], "ext-7");
    let status = |new_token: Value| fixture.post(&me, OTT, new_token).status;

    for good in [
        json!({ "purpose": "user_login", "login": "CAROL" }),
        json!({ "purpose": "verify", "user_id": user["id"] }),
        json!({ "purpose": "user_login", "external_id": "ext-7", "audit_data": "who and why" }),
    ] {
        assert_eq!(status(good.clone()), 200, "{good}");
    }
    for bad in [
        json!({ "purpose": "user_login" }),
        json!({ "login": "carol" }),
        json!({ "purpose": "fun", "login": "carol" }),
        json!({ "purpose": "user_login", "login": "carol", "user_id": user["id"] }),
        json!({ "purpose": "user_login", "user_id": "7" }),
    ] {
        assert_eq!(status(bad.clone()), 400, "{bad}");
    }
    for unknown in [
        json!({ "purpose": "user_login", "login": "nobody" }),
        json!({ "purpose": "user_login", "external_id": "" }),
        json!({ "purpose": "user_login", "user_id": "99999999-9999-4999-8999-999999999999" }),
    ] {
        assert_eq!(status(unknown.clone()), 403, "{unknown}");
    }
}

#[test]
fn only_clients_above_the_user_get_a_token() {
    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    let (customer, _) = carol(&fixture, &me);
    let other = id(&fixture.tenant(&me, &fixture.partner(), "customer", "D"));
    let new_token = || json!({ "purpose": "user_login", "login": "carol" });

    assert_eq!(fixture.post(&Caller::Nobody, OTT, new_token()).status, 401);
    assert_eq!(
        fixture.post(&fixture.admin(), OTT, new_token()).rejection(),
        (403, 1002)
    );
    let beside = fixture.bearer_for(&other);
    assert_eq!(
        fixture.post(&beside, OTT, new_token()).rejection(),
        (403, 1002)
    );
    let own = fixture.bearer_for(&customer);
    assert_eq!(fixture.post(&own, OTT, new_token()).status, 200);

    let path = format!("/api/2/tenants/{customer}");
    let closed =
        json!({ "version": fixture.get(&me, &path).body["version"], "ancestral_access": false });
    fixture.put(&me, &path, closed).ok();
    assert_eq!(fixture.post(&me, OTT, new_token()).rejection(), (403, 1002));
    // API clients of the tenant stay valid.
    assert_eq!(fixture.post(&own, OTT, new_token()).status, 200);
}

#[test]
fn session_ends_with_its_user_its_tenant_or_a_reset() {
    let disabled = |fixture: &SandboxFixture, me: &Caller, path: &str| {
        let version = fixture.get(me, path).ok()["version"].clone();
        fixture
            .put(me, path, json!({ "version": version, "enabled": false }))
            .ok();
    };
    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    let (customer, user) = carol(&fixture, &me);
    let before = session(&fixture, &me);
    let unused = ott(&fixture, &me);
    disabled(&fixture, &me, &format!("/api/2/users/{}", id(&user)));
    assert_eq!(with_cookie(&fixture, &before, ME).status, 401);
    assert_eq!(sign_in(&fixture, &unused).status().as_u16(), 401);
    let new_token = json!({ "purpose": "user_login", "login": "carol" });
    assert_eq!(fixture.post(&me, OTT, new_token).status, 403);

    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    let (customer_2, _) = carol(&fixture, &me);
    assert_ne!(customer, customer_2);
    let before = session(&fixture, &me);
    disabled(&fixture, &me, &format!("/api/2/tenants/{customer_2}"));
    assert_eq!(with_cookie(&fixture, &before, ME).status, 401);

    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    carol(&fixture, &me);
    let before = session(&fixture, &me);
    assert_eq!(with_cookie(&fixture, &before, ME).status, 200);
    fixture
        .post(&Caller::Nobody, "/_sandbox/reset", Value::Null)
        .ok();
    assert_eq!(with_cookie(&fixture, &before, ME).status, 401);
}

#[test]
fn cookie_is_used_if_there_are_no_other_credentials() {
    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    carol(&fixture, &me);
    let cookie = session(&fixture, &me);
    let get_me = |caller: &Caller, cookie: &str| {
        send(fixture.request(caller, "GET", ME).header("Cookie", cookie))
    };

    let admin = fixture.sandbox.admin_login();
    assert_eq!(get_me(&fixture.admin(), &cookie).body["login"], admin);
    let wrong = Caller::Password("carol".to_owned(), "wrong".to_owned());
    assert_eq!(get_me(&wrong, &cookie).status, 401);
    for none in ["sandbox_session=wrong", "sandbox_session=", "other=x", "="] {
        assert_eq!(get_me(&Caller::Nobody, none).status, 401, "{none}");
    }
    // Reports require a token.
    let report = fixture
        .request(
            &Caller::Nobody,
            "GET",
            "/api/2/reports/99999999-9999-4999-8999-999999999999",
        )
        .header("Cookie", &cookie);
    assert_eq!(send(report).status, 401);
}

#[test]
fn log_redacts_tokens_and_cookies() {
    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    carol(&fixture, &me);
    let token = ott(&fixture, &me);
    let cookie = cookie(&sign_in(&fixture, &token));
    let secret = cookie.split_once('=').expect("a pair").1;
    with_cookie(&fixture, &cookie, ME).ok();
    sign_in(&fixture, &token);

    let log = fixture
        .get(&Caller::Nobody, "/_sandbox/requests")
        .ok()
        .to_string();

    assert!(log.contains(LOGIN) && log.contains("carol"), "{log}");
    assert!(!log.contains(&token) && !log.contains(secret), "{log}");
}

#[test]
fn customer_scoped_token_has_access_only_to_the_customer() {
    let fixture = SandboxFixture::new();
    let me = fixture.bearer();
    let (customer, user) = carol(&fixture, &me);
    let top = fixture.partner();
    let other = id(&fixture.tenant(&me, &top, "customer", "D"));
    let dave = id(&fixture.user(&me, &other, "dave"));
    let Caller::Token(base) = &me else {
        panic!("a token")
    };
    for endpoint in ["/bc/idp/token", "/api/2/idp/token"] {
        let scope = format!("urn:acronis.com:tenant-id:{customer}");
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", base.as_str()),
            ("scope", scope.as_str()),
        ];
        let scoped = fixture.form(&me, endpoint, &form).ok();
        let scoped = Caller::Token(text(&scoped, "access_token"));
        let status = |path: String| fixture.get(&scoped, &path).status;

        for (mine, theirs) in [
            (
                format!("/api/2/tenants/{customer}"),
                format!("/api/2/tenants/{other}"),
            ),
            (
                format!("/api/2/tenants/{customer}/users"),
                format!("/api/2/tenants/{other}/users"),
            ),
            (
                format!("/api/2/tenants/{customer}/usages"),
                format!("/api/2/tenants/{top}/usages"),
            ),
            (
                format!("/api/2/users/{}", id(&user)),
                format!("/api/2/users/{dave}"),
            ),
            (
                format!("/api/1/groups/{customer}"),
                format!("/api/1/groups/{other}"),
            ),
            (
                format!("/api/2/tenants/{customer}/registration_tokens"),
                format!("/api/2/tenants/{other}/registration_tokens"),
            ),
        ] {
            assert_eq!(status(mine.clone()), 200, "{mine}");
            assert_eq!(status(theirs.clone()), 403, "{theirs}");
        }
        let new_token = |login: &str| json!({ "purpose": "user_login", "login": login });
        assert_eq!(fixture.post(&scoped, OTT, new_token("carol")).status, 200);
        assert_eq!(fixture.post(&scoped, OTT, new_token("dave")).status, 403);
    }
}
