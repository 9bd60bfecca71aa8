//! Replaces values that differ between runs with constant examples.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use regex::{Captures, Regex};
use sandbox::tutorial::TRIAL_CUSTOMER;

/// A pattern, and what replaces it.
static CONSTANT: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"127\.0\.0\.1:\d+", "127.0.0.1:8080"),
        (
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?",
            "YYYY-MM-DDThh:mm:ss",
        ),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "YYYY-MM-DD hh:mm:ss"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d", "YYYY-MM-DD hh:mm"),
        (r"\d{4}-\d\d-\d\d", "YYYY-MM-DD"),
        (r"1[789]\d{17}", "NANOSECONDS"),
        (r"\d+ calls in [\d.]+ s", "N calls in N s"),
        (
            r"/\S*cyber-platform-tutorial-\w+",
            "/tmp/cyber-platform-tutorial",
        ),
    ]
    .map(|(pattern, replacement)| (regex(pattern), replacement))
    .into()
});

/// The random part of the names that the examples choose.
static SUFFIX: LazyLock<Regex> = LazyLock::new(|| regex(r"\b([A-Z0-9]{6})( v3\.0)"));

/// A UUID, or the first part of one that the tour has shortened.
pub(super) static ID: LazyLock<Regex> =
    LazyLock::new(|| regex(r"([0-9a-f]{8})(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|…)"));

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is valid")
}

/// The ids that are the same in every run. Readers can find those of the applications on the platform, too.
static CONSTANT_IDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let of_catalogue = sandbox::catalogue_ids().map(|id| id.to_string());
    of_catalogue.chain([TRIAL_CUSTOMER.to_owned()]).collect()
});

/// Replaces ids and random names with constant ones, in order of appearance; dates and times with `YYYY-MM-DD` and
/// `hh:mm:ss`. The ids of the catalogue, and the one in a command, stay.
pub fn redact(text: &str) -> String {
    let mut text = Cow::Borrowed(text);
    let mut suffixes = HashMap::new();
    text = replace(&text, &SUFFIX, |found| {
        let next = suffixes.len();
        let suffix = suffixes
            .entry(found[1].to_owned())
            .or_insert_with(|| example_suffix(next));
        format!("{suffix}{}", &found[2])
    });
    let mut ids = HashMap::new();
    text = replace(&text, &ID, |found| {
        if is_constant_id(&found[0]) {
            return found[0].to_owned();
        }
        let next = ids.len();
        let id = ids
            .entry(found[1].to_owned())
            .or_insert_with(|| example_id(next));
        if &found[2] == "…" {
            format!("{}…", &id[..8])
        } else {
            id.clone()
        }
    });
    for (pattern, replacement) in CONSTANT.iter() {
        text = pattern.replace_all(&text, *replacement).into_owned().into();
    }
    text.into_owned()
}

/// Whether an id, complete or shortened, is the same in every run.
pub(super) fn is_constant_id(id: &str) -> bool {
    let shown = id.trim_end_matches('…');
    CONSTANT_IDS.iter().any(|id| id.starts_with(shown))
}

fn replace(
    text: &str,
    pattern: &Regex,
    replacement: impl FnMut(&Captures<'_>) -> String,
) -> Cow<'static, str> {
    pattern.replace_all(text, replacement).into_owned().into()
}

/// A number that looks random. It is `SplitMix64`, so that the pages depend on no version of a random generator.
fn scramble(number: usize) -> u64 {
    let mut x = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The nth random part of a name.
fn example_suffix(n: usize) -> String {
    let mut rest = scramble(n);
    (0..6)
        .map(|_| {
            let digit = u32::try_from(rest % 36).expect("below 36");
            rest /= 36;
            char::from_digit(digit, 36)
                .expect("a digit")
                .to_ascii_uppercase()
        })
        .collect()
}

/// The nth UUID.
fn example_id(n: usize) -> String {
    let (a, b) = (scramble(2 * n), scramble(2 * n + 1));
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}
