//! Whom to trust beyond the system's own list, which proxy leads out, and what is told where no connection comes of it.

use std::{env, error::Error, fs, io, path::Path};

use reqwest::Certificate;
use rustls::{
    CertificateError, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use url::Url;

use crate::error::Mistake;

/// Why a call could not be sent: nothing of it has left this machine.
pub(crate) struct Trouble {
    /// One line.
    pub(crate) what: String,
    /// What to do about it, one line.
    pub(crate) advice: &'static str,
    /// Whether another try has a chance.
    pub(crate) may_pass: bool,
}

/// The certificates in a PEM file, such as that of a company's proxy which looks into the traffic.
///
/// # Errors
/// A [`Mistake`] where it cannot be read, holds no certificate, or one that is none.
pub(crate) fn authorities(file: &Path) -> Result<Vec<Certificate>, Mistake> {
    let wrong = |how: String| {
        Mistake::new(
            format!("the CA file {} {how}", file.display()),
            "ca_file, or CYBER_PLATFORM_CA_FILE, names a PEM file with one or more CA certificates: correct it, or \
             remove it to trust whom the system trusts.",
        )
    };
    let content = fs::read(file).map_err(|cause| wrong(format!("cannot be read: {cause}")))?;
    let found: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(&content)
        .collect::<Result<_, _>>()
        .map_err(|_| wrong("is broken: a part of it is not PEM".to_owned()))?;
    if found.is_empty() {
        return Err(wrong("holds no certificate in PEM form".to_owned()));
    }
    let broken = || wrong("holds something that is no certificate".to_owned());
    let mut store = RootCertStore::empty();
    found
        .into_iter()
        .map(|certificate| {
            store.add(certificate.clone()).map_err(|_| broken())?;
            Certificate::from_der(&certificate).map_err(|_| broken())
        })
        .collect()
}

/// Checks the proxy in the environment: one that cannot be used would be passed by in silence.
///
/// # Errors
/// A [`Mistake`] that names the variable, and not its value, which may hold a password.
pub(crate) fn check_proxy() -> Result<(), Mistake> {
    match proxy() {
        Some((name, None)) => Err(Mistake::new(
            format!("{name} is not the address of a proxy"),
            "Write it like http://proxy.example.com:3128, or unset it.",
        )),
        _ => Ok(()),
    }
}

/// The variable that names the proxy for https, and host and port of the proxy.
fn proxy() -> Option<(&'static str, Option<String>)> {
    let (name, value) = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
        .into_iter()
        .filter_map(|name| Some((name, env::var(name).ok()?)))
        .find(|(_, value)| !value.is_empty())?;
    let whole = match value.contains("://") {
        true => value,
        false => format!("http://{value}"),
    };
    let url = Url::parse(&whole).ok();
    let usable = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    Some((name, usable.map(|url| host_and_port(&url))))
}

fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{host}:{port}")
}

/// What is wrong where a call could not be sent because of a certificate or a proxy: one line of cause, one of advice.
pub(crate) fn trouble(error: &(dyn Error + 'static), base: &Url) -> Option<Trouble> {
    let causes: Vec<_> = causes(error).collect();
    let tls = causes
        .iter()
        .find_map(|cause| cause.downcast_ref::<rustls::Error>());
    // The library keeps the type of these errors to itself.
    let tunnel = causes
        .iter()
        .map(ToString::to_string)
        .find(|text| text.starts_with("tunnel error: "));
    let place = host_and_port(base);
    match (tunnel, tls) {
        (Some(text), tls) => {
            let innermost = causes.last().map(ToString::to_string).unwrap_or_default();
            Some(of_proxy(&text, tls, &innermost, &place))
        }
        (None, Some(rustls::Error::InvalidCertificate(cause))) => {
            Some(of_certificate(cause, &place))
        }
        (None, Some(cause)) => Some(Trouble {
            what: format!("no safe connection to {place}: {cause}"),
            advice: "Nothing was sent. Check base_url in cyber.platform.cfg.json: whoever answers there does not speak \
                     TLS as the platform does.",
            may_pass: false,
        }),
        (None, None) => None,
    }
}

fn of_certificate(cause: &CertificateError, place: &str) -> Trouble {
    let (how, advice) = match cause {
        // The signature is wrong where another authority has the name of one that is trusted.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => (
            "is not trusted: this machine knows nobody who vouches for it".to_owned(),
            "Nothing was sent. If your company's proxy looks into the traffic, set CYBER_PLATFORM_CA_FILE to a PEM file \
             with its CA certificate; else check base_url.",
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            "is that of another host".to_owned(),
            "Nothing was sent. Check the host name in base_url, and that nobody stands between this machine and the \
             platform.",
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
            "has expired".to_owned(),
            "Nothing was sent. Check the clock of this machine; if it is right, who runs the server, or your company's \
             proxy, has to renew the certificate.",
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
            "is not valid yet".to_owned(),
            "Nothing was sent. Check the clock of this machine.",
        ),
        CertificateError::Revoked => (
            "has been revoked".to_owned(),
            "Nothing was sent. Check base_url, and that nobody stands between this machine and the platform.",
        ),
        other => (
            format!("is refused: {other}"),
            "Nothing was sent. Check base_url; if your company's proxy looks into the traffic, CYBER_PLATFORM_CA_FILE \
             names a PEM file with its CA certificate.",
        ),
    };
    Trouble {
        what: format!("the certificate of {place} {how}"),
        advice,
        may_pass: false,
    }
}

fn of_proxy(text: &str, tls: Option<&rustls::Error>, innermost: &str, place: &str) -> Trouble {
    let proxy = match proxy() {
        Some((name, Some(address))) => format!("the proxy {address}, named by {name},"),
        _ => "the proxy".to_owned(),
    };
    if let Some(rustls::Error::InvalidCertificate(cause)) = tls {
        return of_certificate(cause, &proxy);
    }
    let (how, advice) = match text.trim_start_matches("tunnel error: ") {
        "proxy authorization required" => (
            "asks for a login: 407 Proxy Authentication Required".to_owned(),
            "Nothing was sent. Write login and password into the variable: http://LOGIN:PASSWORD@HOST:PORT.",
        ),
        "failed to create underlying connection" => (
            format!("cannot be reached: {innermost}"),
            "Nothing was sent. Check the variable; unset it, or name the host in NO_PROXY, where the platform can be \
             reached without a proxy.",
        ),
        "unsuccessful" => (
            format!("refuses to connect to {place}"),
            "Nothing was sent. Check base_url, and ask who runs the proxy whether it lets you through to that host.",
        ),
        other => (
            format!("makes no connection to {place}: {other}"),
            "Nothing was sent. Check that the variable leads to a proxy, and not to something else.",
        ),
    };
    Trouble {
        what: format!("{proxy} {how}"),
        advice,
        may_pass: !text.ends_with("authorization required"),
    }
}

/// An error and all that caused it. An I/O error stands for the one within it, which it would pass over.
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
