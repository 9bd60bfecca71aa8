//! Issues: what the policy service reports besides success or failure.

use common::{Failure, sanitize, warn};
use serde::Deserialize;

/// A response that has no content except issues.
#[derive(Debug, Default, Deserialize)]
pub struct Issues {
    /// Absent if there is nothing to report.
    pub issues: Option<Vec<Issue>>,
}

/// A problem or a note in the response to a call that may have succeeded.
#[derive(Debug, Deserialize)]
pub struct Issue {
    /// `ok`, `warning`, `error`, `critical`, or empty if it is unknown.
    severity: String,
    /// The action that the issue is about. Empty or absent if it is the call itself.
    link: Option<String>,
    error: Option<IssueError>,
}

#[derive(Debug, Deserialize)]
struct IssueError {
    code: String,
    message: Option<String>,
}

impl Issue {
    /// Whether the issue prevented the requested action.
    fn is_blocking(&self) -> bool {
        match self.severity.as_str() {
            "error" | "critical" => true,
            "ok" | "warning" => false,
            _ => self.link.as_deref().unwrap_or_default().is_empty(),
        }
    }

    /// The issue on one line.
    fn describe(&self) -> String {
        let text = match &self.error {
            Some(IssueError { code, message }) => match message {
                Some(message) => format!("{code}, {message}"),
                None => code.clone(),
            },
            None => format!("an issue of severity {:?} without a message", self.severity),
        };
        sanitize(&text).into_owned()
    }
}

/// Checks the issues of a successful response. Those that did not prevent the requested action are logged as warnings.
///
/// # Errors
/// A [`Failure`] that names the issues that prevented the requested action.
pub fn check_issues(issues: Option<&[Issue]>) -> Result<(), Failure> {
    let issues = issues.unwrap_or_default().iter();
    let (blocking, others): (Vec<_>, Vec<_>) = issues.partition(|issue| issue.is_blocking());
    for issue in others {
        warn!("{}", issue.describe());
    }
    if blocking.is_empty() {
        return Ok(());
    }
    let blocking: Vec<_> = blocking.into_iter().map(Issue::describe).collect();
    Err(Failure::new(
        format!("the platform reports: {}", blocking.join("; ")),
        "Fix the problems that the platform reports above, then run the example again.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severity_and_link_decide_whether_an_issue_blocks() {
        for (issue, expected) in [
            (r#"{"severity":"critical","link":"backup"}"#, true),
            (r#"{"severity":"error"}"#, true),
            (r#"{"severity":"","link":""}"#, true),
            (r#"{"severity":""}"#, true),
            (r#"{"severity":"","link":"backup"}"#, false),
            (r#"{"severity":"warning","link":""}"#, false),
            (r#"{"severity":"ok"}"#, false),
        ] {
            let decoded: Issue = serde_json::from_str(issue).unwrap();
            assert_eq!(decoded.is_blocking(), expected, "{issue}");
        }
    }

    #[test]
    fn no_issues_are_a_success() {
        for text in ["{}", r#"{"issues":null}"#, r#"{"issues":[]}"#] {
            let response: Issues = serde_json::from_str(text).unwrap();
            assert!(check_issues(response.issues.as_deref()).is_ok(), "{text}");
        }
    }

    #[test]
    fn the_error_names_every_blocking_issue_on_one_line() {
        let response: Issues = serde_json::from_str(
            r#"{"issues":[
                {"severity":"error","error":{"code":"One","domain":"D","message":"First.\nerror: forged"}},
                {"severity":"warning","error":{"code":"Two","domain":"D"}},
                {"severity":"critical","error":{"code":"Three","domain":"D"}},
                {"severity":"error","link":""}
            ]}"#,
        )
        .unwrap();
        let error = check_issues(response.issues.as_deref()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the platform reports: One, First. error: forged; Three; an issue of severity \"error\" without a message"
        );
    }
}
