//! The names of fields, headers and parameters that hold secrets. The one list for all that is logged or printed.

/// Whether a field, header or parameter of this name holds a secret: `access_token`, `client_secret`, `ott` …
#[must_use]
pub fn is_secret(name: &str) -> bool {
    const NOT_SECRET: [&str; 5] = [
        "client_secret_expires_at",
        "session_mfa_status",
        "token_type",
        "token_type_hint",
        "token_endpoint_auth_method",
    ];
    const PARTS: [&str; 9] = [
        "password",
        "passphrase",
        "secret",
        "token",
        "assertion",
        "authorization",
        "cookie",
        "session",
        "totp",
    ];
    let name = name.to_lowercase();
    let known = name == "ott" || PARTS.iter().any(|part| name.contains(part));
    known && !NOT_SECRET.contains(&name.as_str())
}
