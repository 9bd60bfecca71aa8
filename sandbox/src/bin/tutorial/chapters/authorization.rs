//! Signing in.

use super::{Answer, Chapter, Step};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "authorization",
    title: "Signing in",
    story: "Whatever comes later is signed by a token, and a token is issued to an API client. So this comes first.",
    customer_token: false,
    steps: STEPS,
};

const STEPS: &[Step] = &[
    Step {
        title: "Create an API client",
        story: "A program should not sign in with a person's password. So an administrator signs in once, by Basic \
                authentication, and creates an API client: an account for programs, in the administrator's own tenant \
                and with the administrator's rights. The answer is the only one that ever shows the client's secret.",
        package: "authorization",
        binary: "create_api_client",
        answers: &[Answer::AdminLogin, Answer::AdminPassword],
        needs: &[],
        then: "",
    },
    Step {
        title: "Issue an access token",
        story: "With its id and secret the API client gets a token, which signs all further calls. It lasts two \
                hours. The examples check before each run that 15 minutes are left, and issue a new one if not, so \
                this step is here to be seen: they would have done it by themselves.",
        package: "authorization",
        binary: "issue_access_token",
        answers: &[],
        needs: &["create_api_client"],
        then: "",
    },
];
