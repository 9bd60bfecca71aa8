//! Certificates and proxies: which ones are used, and what is wrong with them.

use std::{env, error::Error, fs, io, path::Path};

use reqwest::Certificate;
use rustls::{
    CertificateError, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use url::Url;

use crate::error::UserError;

/// Why a call could not be sent.
pub(crate) struct Problem {
    /// One line.
    pub(crate) message: String,
    /// What to do about it, one line.
    pub(crate) help: &'static str,
    /// Whether another attempt may succeed.
    pub(crate) is_transient: bool,
}

/// Makes *ring* the TLS provider of this process, if it has none. [`HttpClient::new`](super::HttpClient::new) does this.
///
/// This crate enables the feature `rustls-no-provider` of reqwest, and cargo enables a feature for all crates of a program.
/// A program that builds its own reqwest client first, without the feature `rustls` of reqwest, must call this before:
///
/// ```standalone_crate
/// common::http::install_provider();
/// let own = reqwest::blocking::Client::new();
/// ```
///
/// After there is an `HttpClient` or a `Platform`, any client can be built:
///
/// ```standalone_crate
/// use common::{Config, HttpClient};
///
/// let http = HttpClient::new(&Config::new("http://127.0.0.1:8080/")?)?;
/// let own = reqwest::blocking::Client::new();
/// # Ok::<(), anyhow::Error>(())
/// ```
pub fn install_provider() {
    // An error means that there is a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Reads the certificates in a PEM file, such as that of a company's proxy that inspects traffic.
///
/// # Errors
/// A [`UserError`] if the file cannot be read or is not a list of certificates.
pub(crate) fn read_ca_file(file: &Path) -> Result<Vec<Certificate>, UserError> {
    let wrong = |reason: String| {
        UserError::new(
            format!("the CA file {} {reason}", file.display()),
            "Set ca_file, or CYBER_PLATFORM_CA_FILE, to a PEM file with one or more CA certificates, or remove it to \
             trust only what the system trusts.",
        )
    };
    let content = fs::read(file).map_err(|cause| wrong(format!("cannot be read: {cause}")))?;
    let found: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(&content)
        .collect::<Result<_, _>>()
        .map_err(|_| wrong("is not valid PEM".to_owned()))?;
    if found.is_empty() {
        return Err(wrong("contains no certificate".to_owned()));
    }
    let broken = || wrong("contains an invalid certificate".to_owned());
    let mut store = RootCertStore::empty();
    found
        .into_iter()
        .map(|certificate| {
            store.add(certificate.clone()).map_err(|_| broken())?;
            Certificate::from_der(&certificate).map_err(|_| broken())
        })
        .collect()
}

/// Checks the proxy in the environment. The HTTP library would silently ignore an invalid one.
///
/// # Errors
/// A [`UserError`] that names the variable but not its value, which may hold a password.
pub(crate) fn check_proxy() -> Result<(), UserError> {
    match proxy() {
        Some((name, None)) => Err(UserError::new(
            format!("{name} is not the address of a proxy"),
            "Use the form http://proxy.example.com:3128, or unset the variable.",
        )),
        _ => Ok(()),
    }
}

/// The variable that sets the proxy for https, and host and port of the proxy if they are valid.
fn proxy() -> Option<(&'static str, Option<String>)> {
    let (name, value) = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
        .into_iter()
        .filter_map(|name| Some((name, env::var(name).ok()?)))
        .find(|(_, value)| !value.is_empty())?;
    let address = match value.contains("://") {
        true => value,
        false => format!("http://{value}"),
    };
    let url = Url::parse(&address).ok();
    let usable = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    Some((name, usable.map(|url| host_and_port(&url))))
}

fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{host}:{port}")
}

/// Recognizes a problem with a certificate or a proxy in the error of a call that could not be sent.
pub(crate) fn diagnose(error: &(dyn Error + 'static), base: &Url) -> Option<Problem> {
    let causes: Vec<_> = causes(error).collect();
    let tls = causes
        .iter()
        .find_map(|cause| cause.downcast_ref::<rustls::Error>());
    let proxy = proxy().filter(|_| base.scheme() == "https");
    match (tls, proxy) {
        (Some(rustls::Error::InvalidCertificate(cause)), _) => {
            Some(of_certificate(cause, &host_and_port(base)))
        }
        (Some(cause), _) => Some(Problem {
            message: format!("no secure connection to {}: {cause}", host_and_port(base)),
            help: "Nothing was sent. Check base_url in cyber.platform.cfg.json: the server at that address may not \
                   support TLS.",
            is_transient: false,
        }),
        (None, Some((name, Some(address)))) => {
            let cause = causes.last().map(ToString::to_string).unwrap_or_default();
            Some(Problem {
                message: format!(
                    "no connection to {}: {cause} ({name} sets the proxy {address})",
                    host_and_port(base)
                ),
                help: "Nothing was sent. Check your network and the proxy: it must allow this host. If it needs a \
                       login: http://LOGIN:PASSWORD@HOST:PORT. Add the host to NO_PROXY to bypass it.",
                is_transient: true,
            })
        }
        _ => None,
    }
}

fn of_certificate(cause: &CertificateError, host: &str) -> Problem {
    let (reason, help) = match cause {
        // A wrong signature means that another authority uses the name of a trusted one.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => (
            "is not trusted: no certificate authority trusted by this machine issued it".to_owned(),
            "Nothing was sent. If your company's proxy inspects traffic, set CYBER_PLATFORM_CA_FILE to a PEM file with \
             its CA certificate. Otherwise check base_url.",
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            "was issued for another host".to_owned(),
            "Nothing was sent. Check the host name in base_url.",
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
            "has expired".to_owned(),
            "Nothing was sent. Check this machine's clock. If it is right, the server's operator, or your company's \
             proxy, must renew the certificate.",
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
            "is not valid yet".to_owned(),
            "Nothing was sent. Check this machine's clock.",
        ),
        CertificateError::Revoked => (
            "has been revoked".to_owned(),
            "Nothing was sent. Check base_url.",
        ),
        other => (
            format!("is rejected: {other}"),
            "Nothing was sent. Check base_url. If your company's proxy inspects traffic, set CYBER_PLATFORM_CA_FILE to \
             a PEM file with its CA certificate.",
        ),
    };
    Problem {
        message: format!("the certificate of {host} {reason}"),
        help,
        is_transient: false,
    }
}

/// An error and its causes. An I/O error is replaced by the error inside it, which `source` would skip.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        match error.downcast_ref::<io::Error>() {
            Some(wrapper) => wrapper
                .get_ref()
                .map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}
