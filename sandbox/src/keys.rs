//! The tokens' signature: RS256 with a key of the sandbox's own, published as a JWKS.
//!
//! The key stands in the repository and so guards nothing: a token counts only if the state knows it.

mod ring_provider;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use ring::signature::{KeyPair, RsaKeyPair, RsaPublicKeyComponents};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::{ApiError, Code, Id};

const KEY: &[u8] = include_bytes!("signing-key.der");

/// Signs tokens and reads them.
pub(crate) struct Keys {
    sign: EncodingKey,
    verify: DecodingKey,
    kid: String,
    modulus: String,
    exponent: String,
}

/// What is read of a token; who it speaks for is in the state.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    /// The token's own id.
    pub jti: Id,
}

impl Keys {
    /// The sandbox's key.
    pub(crate) fn load() -> Result<Self, String> {
        ring_provider::install();
        let broken = |error: &dyn std::fmt::Display| error.to_string();
        let pair = RsaKeyPair::from_der(KEY).map_err(|error| broken(&error))?;
        let public: RsaPublicKeyComponents<Vec<u8>> = pair.public_key().into();
        let modulus = URL_SAFE_NO_PAD.encode(public.n);
        let exponent = URL_SAFE_NO_PAD.encode(public.e);
        Ok(Self {
            sign: EncodingKey::from_rsa_der(KEY),
            verify: DecodingKey::from_rsa_components(&modulus, &exponent)
                .map_err(|error| broken(&error))?,
            kid: Id::named("signing key").to_string(),
            modulus,
            exponent,
        })
    }

    /// A signed token with these claims.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Result<String, ApiError> {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.sign)
            .map_err(|error| ApiError::platform(Code::Internal, format!("Signing: {error}.")))
    }

    /// What a token says, if the sandbox signed it. Its age is the state's business.
    pub(crate) fn read(&self, token: &str) -> Result<Claims, ApiError> {
        let mut rules = Validation::new(Algorithm::RS256);
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        jsonwebtoken::decode(token, &self.verify, &rules)
            .map(|token| token.claims)
            .map_err(|_| {
                ApiError::Unauthorized("The access token is not one of this sandbox.".to_owned())
            })
    }

    /// The public key, for whoever verifies tokens by himself.
    pub(crate) fn jwks(&self) -> Value {
        json!({"keys": [{
            "kty": "RSA",
            "use": "sig",
            "kid": self.kid,
            "alg": "RS256",
            "n": self.modulus,
            "e": self.exponent,
        }]})
    }
}
