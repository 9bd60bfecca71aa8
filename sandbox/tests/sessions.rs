//! Acting for a user: one-time tokens, sessions by cookie, signing out; and tokens that reach one customer.

mod support;

use reqwest::blocking::Response;
use serde_json::{Value, json};
use support::{By, Stage, answer, id, text};

const OTT: &str = "/api/2/idp/ott";
const LOGIN: &str = "/api/2/idp/ott/login";
const LOGOUT: &str = "/api/2/idp/logout";
const ME: &str = "/api/2/users/me";

/// A customer with a user `carol`: the customer's id and the user.
fn carol(stage: &Stage, me: &By) -> (String, Value) {
    let customer = id(&stage.tenant(me, &stage.partner(), "customer", "C"));
    let user = stage.user(me, &customer, "carol");
    (customer, user)
}

fn ott(stage: &Stage, me: &By) -> String {
    let wanted = json!({ "purpose": "user_login", "login": "carol" });
    text(&stage.post(me, OTT, wanted).ok(), "ott")
}

fn sign_in(stage: &Stage, ott: &str) -> Response {
    let request = stage.request(&By::Nobody, "POST", LOGIN);
    let request = request.json(&json!({ "ott": ott }));
    request.send().expect("an answer")
}

/// What a client sends back: name and value of the cookie.
fn cookie(response: &Response) -> String {
    let header = response.headers()["set-cookie"].to_str().expect("text");
    header.split(';').next().expect("a pair").to_owned()
}

/// The cookie of a session of carol's.
fn session(stage: &Stage, me: &By) -> String {
    let response = sign_in(stage, &ott(stage, me));
    assert_eq!(response.status().as_u16(), 200);
    cookie(&response)
}

fn with_cookie(stage: &Stage, cookie: &str, path: &str) -> support::Answer {
    answer(
        stage
            .request(&By::Nobody, "GET", path)
            .header("Cookie", cookie),
    )
}

#[test]
fn a_client_signs_a_user_in_and_out() {
    let stage = Stage::new();
    let me = stage.bearer();
    let (customer, user) = carol(&stage, &me);

    let response = sign_in(&stage, &ott(&stage, &me));
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

    let seen = with_cookie(&stage, &cookie, ME).ok();
    assert_eq!(seen["login"], "carol");
    let among_others = format!("a=b; {cookie}; c=d");
    assert_eq!(with_cookie(&stage, &among_others, ME).status, 200);
    // Everywhere a user may, and nowhere else.
    let customer = format!("/api/2/tenants/{customer}");
    assert_eq!(with_cookie(&stage, &cookie, &customer).status, 200);
    let top = format!("/api/2/tenants/{}", stage.partner());
    assert_eq!(with_cookie(&stage, &cookie, &top).status, 403);

    let out = stage
        .request(&By::Nobody, "GET", LOGOUT)
        .header("Cookie", &cookie)
        .send()
        .expect("an answer");
    assert_eq!(out.status().as_u16(), 200);
    let kind = out.headers()["content-type"].to_str().expect("text");
    assert!(kind.starts_with("text/html"), "{kind}");
    let gone = out.headers()["set-cookie"].to_str().expect("text");
    assert!(gone.contains("Max-Age=0"), "{gone}");
    assert!(out.text().expect("text").contains("location.replace('/')"));
    assert_eq!(with_cookie(&stage, &cookie, ME).status, 401);
    assert_eq!(stage.get(&By::Nobody, LOGOUT).status, 200);
}

#[test]
fn a_token_is_good_once_and_for_signing_in_only() {
    let stage = Stage::new();
    let me = stage.bearer();
    carol(&stage, &me);
    let token = ott(&stage, &me);
    assert_eq!(sign_in(&stage, &token).status().as_u16(), 200);
    let verify = json!({ "purpose": "verify", "login": "carol" });
    let verify = text(&stage.post(&me, OTT, verify).ok(), "ott");

    for bad in [token.as_str(), &verify, "dGVzdA==", ""] {
        let response = sign_in(&stage, bad);
        assert_eq!(response.status().as_u16(), 401, "{bad}");
        assert!(response.headers().get("set-cookie").is_none());
    }
    for bad in [json!({}), json!({ "ott": 7 }), json!([])] {
        assert_eq!(stage.post(&By::Nobody, LOGIN, bad).status, 400);
    }
}

#[test]
fn a_user_is_meant_in_one_of_three_ways() {
    let stage = Stage::new();
    let me = stage.bearer();
    let (_, user) = carol(&stage, &me);
    let path = format!("/api/2/users/{}", id(&user));
    let named = json!({ "version": user["version"], "external_id": "ext-7" });
    let external = stage.put(&me, &path, named).ok();
    assert_eq!(external["external_id"], "ext-7");
    let status = |wanted: Value| stage.post(&me, OTT, wanted).status;

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
    for nobody in [
        json!({ "purpose": "user_login", "login": "nobody" }),
        json!({ "purpose": "user_login", "external_id": "" }),
        json!({ "purpose": "user_login", "user_id": "99999999-9999-4999-8999-999999999999" }),
    ] {
        assert_eq!(status(nobody.clone()), 403, "{nobody}");
    }
}

#[test]
fn only_clients_above_the_user_get_a_token() {
    let stage = Stage::new();
    let me = stage.bearer();
    let (customer, _) = carol(&stage, &me);
    let other = id(&stage.tenant(&me, &stage.partner(), "customer", "D"));
    let wanted = || json!({ "purpose": "user_login", "login": "carol" });

    assert_eq!(stage.post(&By::Nobody, OTT, wanted()).status, 401);
    assert_eq!(
        stage.post(&stage.admin(), OTT, wanted()).refusal(),
        (403, 1002)
    );
    let beside = stage.bearer_for(&other);
    assert_eq!(stage.post(&beside, OTT, wanted()).refusal(), (403, 1002));
    let own = stage.bearer_for(&customer);
    assert_eq!(stage.post(&own, OTT, wanted()).status, 200);

    let path = format!("/api/2/tenants/{customer}");
    let closed =
        json!({ "version": stage.get(&me, &path).body["version"], "ancestral_access": false });
    stage.put(&me, &path, closed).ok();
    assert_eq!(stage.post(&me, OTT, wanted()).refusal(), (403, 1002));
    // Their own clients go on.
    assert_eq!(stage.post(&own, OTT, wanted()).status, 200);
}

#[test]
fn a_session_ends_with_the_user_the_tenant_and_the_world() {
    let disabled = |stage: &Stage, me: &By, path: &str| {
        let version = stage.get(me, path).ok()["version"].clone();
        stage
            .put(me, path, json!({ "version": version, "enabled": false }))
            .ok();
    };
    let stage = Stage::new();
    let me = stage.bearer();
    let (customer, user) = carol(&stage, &me);
    let before = session(&stage, &me);
    let unused = ott(&stage, &me);
    disabled(&stage, &me, &format!("/api/2/users/{}", id(&user)));
    assert_eq!(with_cookie(&stage, &before, ME).status, 401);
    assert_eq!(sign_in(&stage, &unused).status().as_u16(), 401);
    let wanted = json!({ "purpose": "user_login", "login": "carol" });
    assert_eq!(stage.post(&me, OTT, wanted).status, 403);

    let stage = Stage::new();
    let me = stage.bearer();
    let (customer_2, _) = carol(&stage, &me);
    assert_ne!(customer, customer_2);
    let before = session(&stage, &me);
    disabled(&stage, &me, &format!("/api/2/tenants/{customer_2}"));
    assert_eq!(with_cookie(&stage, &before, ME).status, 401);

    let stage = Stage::new();
    let me = stage.bearer();
    carol(&stage, &me);
    let before = session(&stage, &me);
    assert_eq!(with_cookie(&stage, &before, ME).status, 200);
    stage.post(&By::Nobody, "/_sandbox/reset", Value::Null).ok();
    assert_eq!(with_cookie(&stage, &before, ME).status, 401);
}

#[test]
fn a_cookie_is_asked_for_last() {
    let stage = Stage::new();
    let me = stage.bearer();
    carol(&stage, &me);
    let cookie = session(&stage, &me);
    let by = |by: &By, cookie: &str| answer(stage.request(by, "GET", ME).header("Cookie", cookie));

    let admin = stage.sandbox.admin_login();
    assert_eq!(by(&stage.admin(), &cookie).body["login"], admin);
    let wrong = By::Password("carol".to_owned(), "wrong".to_owned());
    assert_eq!(by(&wrong, &cookie).status, 401);
    for none in ["sandbox_session=wrong", "sandbox_session=", "other=x", "="] {
        assert_eq!(by(&By::Nobody, none).status, 401, "{none}");
    }
    // Reports take nothing but a token.
    let report = stage
        .request(
            &By::Nobody,
            "GET",
            "/api/2/reports/99999999-9999-4999-8999-999999999999",
        )
        .header("Cookie", &cookie);
    assert_eq!(answer(report).status, 401);
}

#[test]
fn neither_token_nor_cookie_is_in_the_log() {
    let stage = Stage::new();
    let me = stage.bearer();
    carol(&stage, &me);
    let token = ott(&stage, &me);
    let cookie = cookie(&sign_in(&stage, &token));
    let secret = cookie.split_once('=').expect("a pair").1;
    with_cookie(&stage, &cookie, ME).ok();
    sign_in(&stage, &token);

    let log = stage
        .get(&By::Nobody, "/_sandbox/requests")
        .ok()
        .to_string();

    assert!(log.contains(LOGIN) && log.contains("carol"), "{log}");
    assert!(!log.contains(&token) && !log.contains(secret), "{log}");
}

#[test]
fn a_token_for_one_customer_reaches_that_customer_only() {
    let stage = Stage::new();
    let me = stage.bearer();
    let (customer, user) = carol(&stage, &me);
    let top = stage.partner();
    let other = id(&stage.tenant(&me, &top, "customer", "D"));
    let dave = id(&stage.user(&me, &other, "dave"));
    let By::Token(base) = &me else {
        panic!("a token")
    };
    for endpoint in ["/bc/idp/token", "/api/2/idp/token"] {
        let scope = format!("urn:acronis.com:tenant-id:{customer}");
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", base.as_str()),
            ("scope", scope.as_str()),
        ];
        let scoped = stage.form(&me, endpoint, &form).ok();
        let scoped = By::Token(text(&scoped, "access_token"));
        let status = |path: String| stage.get(&scoped, &path).status;

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
        let wanted = |login: &str| json!({ "purpose": "user_login", "login": login });
        assert_eq!(stage.post(&scoped, OTT, wanted("carol")).status, 200);
        assert_eq!(stage.post(&scoped, OTT, wanted("dave")).status, 403);
    }
}
