//! Several examples at the same time in one home.

use std::thread;

use tests::SandboxProcess;

#[test]
fn examples_at_the_same_time_issue_one_token_that_is_accepted() {
    let sandbox = SandboxProcess::start();
    let home = super::with_client(&sandbox);

    // A token that has expired, and one that looks valid but is rejected.
    for (token, seconds) in [("old-t0ken", 0), ("unknown-t0ken", 7200)] {
        home.keep_token("api_token.json", token, seconds);
        sandbox.skip();
        let examples = [
            "get_tenant_usage",
            "navigate_through_tenants",
            "get_all_agents_info",
            "get_tenant_usage",
        ];
        thread::scope(|scope| {
            for example in examples {
                let home = &home;
                scope.spawn(move || home.run(example).success());
            }
        });
        assert_eq!(sandbox.count("POST /api/2/idp/token"), 1);
    }

    let saved = home.file("api_token.json")["access_token"].clone();
    assert_ne!(saved, "unknown-t0ken");
    home.run("get_tenant_usage").success();
    assert_eq!(
        home.file("api_token.json")["access_token"],
        saved,
        "the saved token is accepted"
    );
}
