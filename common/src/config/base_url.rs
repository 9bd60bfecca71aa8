//! The address of the platform.

use std::net::IpAddr;

use url::{Host, Url};

use super::sources::Setting;
use crate::error::UserError;

/// The help for an address that is missing or invalid.
pub(super) const FORM: &str = "Use the form https://dev-cloud.acronis.com/ (your data center) or http://127.0.0.1:8080/ (the sandbox).";

/// The paths of the consoles: what a browser shows to an administrator. The API is at the root of the same host.
const CONSOLES: [&str; 3] = ["mc", "bc", "ui"];

/// Parses and checks the address. Its path ends with a slash, because the paths of the calls are appended.
pub(super) fn parse(setting: &Setting) -> Result<Url, UserError> {
    let invalid = |reason: &str, help: &str| setting.invalid("base_url", reason, help);

    let mut url = Url::parse(&setting.text)
        .map_err(|cause| invalid(&format!("is not a URL: {cause}"), FORM))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(invalid(
            "does not start with https:// (or http:// for this machine)",
            FORM,
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid(
            "contains a login or password",
            "Remove it. Only create_api_client needs a login and password, and it prompts for them.",
        ));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(invalid(
            "is plain http:// to another machine, which would expose your credentials",
            "Use https://; plain http:// is for the sandbox on this machine only.",
        ));
    }
    if is_console(&url) {
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
        log::info!(
            "base_url in {} is a page of the console; the API is at {url}",
            setting.origin
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("has a query or fragment", FORM));
    }
    url.set_path(&format!("{}/", url.path().trim_end_matches('/')));
    Ok(url)
}

fn is_console(url: &Url) -> bool {
    let first = url.path_segments().and_then(|mut segments| segments.next());
    first.is_some_and(|first| CONSOLES.contains(&first))
}

/// Whether the host of an address is this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Url, String> {
        let setting = Setting {
            text: text.to_owned(),
            origin: "the test".to_owned(),
        };
        super::parse(&setting).map_err(|error| error.to_string())
    }

    #[test]
    fn a_base_url_ends_with_one_slash() {
        for (given, expected) in [
            (
                "https://dev-cloud.acronis.com",
                "https://dev-cloud.acronis.com/",
            ),
            (
                "https://dev-cloud.acronis.com//",
                "https://dev-cloud.acronis.com/",
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
            (
                "http://localhost:8080/w/mine",
                "http://localhost:8080/w/mine/",
            ),
            ("http://[::1]:8080/w/mine/", "http://[::1]:8080/w/mine/"),
        ] {
            assert_eq!(parsed(given).as_ref().map(Url::as_str), Ok(expected));
        }
    }

    #[test]
    fn an_address_of_the_console_leads_to_the_api() {
        for given in [
            "https://eu2-cloud.acronis.com/mc/app;group_id=1234/clients",
            "https://eu2-cloud.acronis.com/mc",
            "https://eu2-cloud.acronis.com/bc/?lang=en#/devices",
            "https://eu2-cloud.acronis.com/ui/#/dashboard",
        ] {
            let url = parsed(given);
            assert_eq!(
                url.as_ref().map(Url::as_str),
                Ok("https://eu2-cloud.acronis.com/"),
                "{given}"
            );
        }
        for given in [
            "https://gateway.example.com/mcx/",
            "https://example.com/w/mc/",
        ] {
            assert_eq!(parsed(given).as_ref().map(Url::as_str), Ok(given));
        }
    }

    #[test]
    fn plain_http_is_accepted_for_this_machine_only() {
        for given in [
            "http://dev-cloud.acronis.com/",
            "http://localhost.example.com/",
            "http://10.0.0.1/",
            "http://0.0.0.0/",
            "http://[::]/",
        ] {
            let message = parsed(given).unwrap_err();
            assert!(message.contains("plain http://"), "{given}: {message}");
        }
    }

    #[test]
    fn an_invalid_base_url_is_rejected_without_printing_it() {
        for given in [
            "",
            "dev-cloud.acronis.com",
            "localhost:8080",
            "ftp://127.0.0.1/",
            "https://",
            "https://admin:hunter2@dev-cloud.acronis.com/",
            "https://dev-cloud.acronis.com/?password=hunter2",
            "https://dev-cloud.acronis.com/#hunter2",
        ] {
            let message = parsed(given).unwrap_err();
            assert!(!message.contains("hunter2"), "{given}: {message}");
        }
    }
}
