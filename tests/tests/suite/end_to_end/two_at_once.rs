//! Several examples in one home at the same moment.

use std::thread;

use tests::SandboxProcess;

#[test]
fn all_of_them_succeed_and_one_token_is_left_which_is_accepted() {
    let sandbox = SandboxProcess::start();
    let home = super::with_client(&sandbox);

    // One that has ended, and one that looks good and is refused.
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

    let kept = home.file("api_token.json")["access_token"].clone();
    assert_ne!(kept, "unknown-t0ken");
    home.run("get_tenant_usage").success();
    assert_eq!(
        home.file("api_token.json")["access_token"],
        kept,
        "it is accepted"
    );
}
