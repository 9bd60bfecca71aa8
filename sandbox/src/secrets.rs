//! Passwords and secrets: random generation, salted hashes for storage, and comparison in constant time.

use std::num::NonZeroU32;

use crate::domain::{ApiError, Code};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, pbkdf2};

const ALGORITHM: pbkdf2::Algorithm = pbkdf2::PBKDF2_HMAC_SHA256;
// Takes about a millisecond. A real service uses a few hundred times as many.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(2_000).expect("not zero");

/// Returns `length` random characters of lowercase Base32, the format of the platform's client secrets.
pub(crate) fn random(length: usize) -> Result<String, ApiError> {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut bytes = vec![0; length];
    fill(&mut bytes)?;
    Ok(bytes
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
        .map(|byte| char::from(*byte))
        .collect())
}

/// The salted hash of a password or a client secret, as `salt.hash`.
pub(crate) fn hash(secret: &str) -> Result<String, ApiError> {
    let mut salt = [0; 16];
    fill(&mut salt)?;
    let mut hash = [0; digest::SHA256_OUTPUT_LEN];
    pbkdf2::derive(ALGORITHM, ITERATIONS, &salt, secret.as_bytes(), &mut hash);
    Ok(format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(salt),
        URL_SAFE_NO_PAD.encode(hash)
    ))
}

/// Whether `stored` is the hash of the secret.
pub(crate) fn matches(secret: &str, stored: &str) -> bool {
    let Some((salt, hash)) = stored.split_once('.') else {
        return false;
    };
    let (Ok(salt), Ok(hash)) = (URL_SAFE_NO_PAD.decode(salt), URL_SAFE_NO_PAD.decode(hash)) else {
        return false;
    };
    pbkdf2::verify(ALGORITHM, ITERATIONS, &salt, secret.as_bytes(), &hash).is_ok()
}

/// The unsalted hash of a random token, under which the token can be looked up.
pub(crate) fn fingerprint(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, token.as_bytes()))
}

fn fill(bytes: &mut [u8]) -> Result<(), ApiError> {
    SystemRandom::new().fill(bytes).map_err(|_| {
        ApiError::platform(Code::Internal, "The system cannot generate random numbers.")
    })
}

#[cfg(test)]
mod tests {
    use super::{hash, matches, random};

    #[test]
    fn matches_only_the_hashed_secret() {
        let stored = hash("swordfish").unwrap();
        assert!(matches("swordfish", &stored));
        assert!(!matches("sword", &stored));
        assert!(!matches("swordfish", "nonsense"));
        assert!(!stored.contains("swordfish"));
    }

    #[test]
    fn generates_different_secrets() {
        let secret = random(52).unwrap();
        assert_eq!(secret.len(), 52);
        assert_ne!(secret, random(52).unwrap());
    }
}
