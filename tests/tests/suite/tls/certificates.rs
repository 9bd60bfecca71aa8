//! A certificate authority of the tests, and servers with its certificates.

use std::{io, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    date_time_ymd,
};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned, crypto::ring::default_provider,
    pki_types::PrivateKeyDer,
};
use tests::{TestHome, raw_server::RawServer};

/// A certificate authority.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        Self::named("A test's authority")
    }

    pub(crate) fn named(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, key()).expect("a certificate");
        Self(issuer)
    }

    /// Its certificate as the content of a CA file.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A server with a certificate for this host, and one response to all calls.
    pub(crate) fn server(&self, host: &str, response: &'static str) -> RawServer {
        self.server_until(host, 4096, response)
    }

    /// A server whose certificate is valid from 2020 until this year.
    pub(crate) fn server_until(&self, host: &str, year: i32, response: &'static str) -> RawServer {
        let mut params = CertificateParams::new([host.to_owned()]).expect("a host");
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        params.insert_extended_key_usage(ExtendedKeyUsagePurpose::ServerAuth);
        let key = key();
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions of TLS")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .expect("a certificate and its key");
        let config = Arc::new(config);
        RawServer::with(
            move |stream| {
                let connection =
                    ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
                Ok(Box::new(StreamOwned::new(connection, stream)))
            },
            move |stream| stream.write_all(response.as_bytes()),
        )
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

/// A response that `get_tenant_usage` accepts.
pub(crate) const NO_ITEMS: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                                   Content-Length: 13\r\n\r\n{\"items\": []}";

/// A home for the platform at this host and port, with the CA file of this authority.
pub(crate) fn home(host: &str, port: u16, trusted: &Authority) -> TestHome {
    TestHome::new(&format!("https://{host}:{port}/"))
        .signed_in()
        .put_text("ca.pem", &trusted.pem())
}
