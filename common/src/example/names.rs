//! Names for new tenants.

use rand::seq::IndexedRandom;

/// Six random characters of A–Z and 0–9: tenant names must be unique below their parent.
#[must_use]
pub fn random_suffix() -> String {
    const CHARACTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut rng = rand::rng();
    (0..6)
        .filter_map(|_| CHARACTERS.choose(&mut rng))
        .map(|&character| char::from(character))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_is_six_letters_or_digits_and_differs_from_the_next() {
        let (one, other) = (random_suffix(), random_suffix());
        assert_ne!(one, other);
        for name in [one, other] {
            assert_eq!(name.len(), 6);
            assert!(
                name.bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            );
        }
    }
}
