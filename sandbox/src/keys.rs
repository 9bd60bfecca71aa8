//! Signs access tokens and verifies them: RS256 with the sandbox's own key, published as a JWKS.
//!
//! The key is in the repository, so the signature protects nothing: a token is valid only if it is in the store.

mod ring_provider;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use ring::signature::{KeyPair, RsaKeyPair, RsaPublicKeyComponents};
use serde::{Deserialize, Serialize};

use crate::domain::{ApiError, Code, Id};

const KEY: &[u8] = include_bytes!("signing-key.der");

/// The signing key and its public part.
pub(crate) struct Keys {
    signing_key: EncodingKey,
    verification_key: DecodingKey,
    kid: String,
    modulus: String,
    exponent: String,
}

/// The claims that are read from a token. Its caller and its expiry are in the store.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    /// The token's id.
    pub jti: Id,
}

impl Keys {
    /// Loads the sandbox's key.
    pub(crate) fn load() -> Result<Self, String> {
        ring_provider::install();
        let pair = RsaKeyPair::from_der(KEY).map_err(|error| error.to_string())?;
        let public: RsaPublicKeyComponents<Vec<u8>> = pair.public_key().into();
        let modulus = URL_SAFE_NO_PAD.encode(public.n);
        let exponent = URL_SAFE_NO_PAD.encode(public.e);
        Ok(Self {
            signing_key: EncodingKey::from_rsa_der(KEY),
            verification_key: DecodingKey::from_rsa_components(&modulus, &exponent)
                .map_err(|error| error.to_string())?,
            kid: Id::named("signing key").to_string(),
            modulus,
            exponent,
        })
    }

    /// Signs a token with these claims.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> Result<String, ApiError> {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.signing_key).map_err(|error| {
            ApiError::platform(
                Code::Internal,
                format!("The token cannot be signed: {error}."),
            )
        })
    }

    /// Verifies a token's signature and returns its claims. The store checks whether the token has expired.
    pub(crate) fn verify(&self, token: &str) -> Result<Claims, ApiError> {
        let mut rules = Validation::new(Algorithm::RS256);
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        jsonwebtoken::decode(token, &self.verification_key, &rules)
            .map(|token| token.claims)
            .map_err(|_| {
                ApiError::Unauthorized(
                    "The access token was not issued by this sandbox.".to_owned(),
                )
            })
    }

    /// The id of the key, for the `kid` header of tokens.
    pub(crate) fn id(&self) -> &str {
        &self.kid
    }

    /// The public key: modulus and exponent in Base64url.
    pub(crate) fn public_key(&self) -> (&str, &str) {
        (&self.modulus, &self.exponent)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn accepts_its_own_tokens_only_while_they_are_unchanged() {
        let keys = Keys::load().unwrap();
        let id = Id::named("a token");
        let token = keys.sign(&json!({ "jti": id })).unwrap();
        assert_eq!(keys.verify(&token).unwrap().jti, id);

        let parts: Vec<&str> = token.split('.').collect();
        let other = keys.sign(&json!({ "jti": Id::named("another") })).unwrap();
        let other: Vec<&str> = other.split('.').collect();
        for changed in [
            format!("{}.{}.{}", parts[0], other[1], parts[2]),
            format!("{}.{}.{}", parts[0], parts[1], other[2]),
            format!("{}.{}.", parts[0], parts[1]),
        ] {
            assert!(keys.verify(&changed).is_err(), "{changed}");
        }
    }

    #[test]
    fn rejects_a_token_of_another_algorithm() {
        let keys = Keys::load().unwrap();
        let payload = URL_SAFE_NO_PAD.encode(json!({ "jti": Id::named("a token") }).to_string());
        for algorithm in ["none", "HS256", "RS512"] {
            let header = URL_SAFE_NO_PAD.encode(json!({ "alg": algorithm }).to_string());
            let token = format!("{header}.{payload}.c2lnbmF0dXJl");
            assert!(keys.verify(&token).is_err(), "{algorithm}");
        }
    }
}
