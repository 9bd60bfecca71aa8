//! Names that do not collide.

use rand::seq::IndexedRandom;

/// Six characters of A–Z and 0–9, so that a tenant made twice has two names.
#[must_use]
pub fn random() -> String {
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
    fn a_random_name_is_six_letters_or_digits_and_hardly_ever_the_same() {
        let (one, other) = (random(), random());
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
