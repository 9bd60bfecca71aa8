//! An example: its name, its steps, and the header of its source, which is its help text.

/// The name, version and source of the calling binary; see [`About`].
///
/// Without an argument, the calling file is `src/bin/NAME.rs`. Anywhere else, pass the name of the calling file, such as
/// `about!("main.rs")`.
#[macro_export]
macro_rules! about {
    () => {
        $crate::example::About::new(
            env!("CARGO_BIN_NAME"),
            env!("CARGO_PKG_VERSION"),
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/src/bin/",
                env!("CARGO_BIN_NAME"),
                ".rs"
            )),
        )
    };
    ($file:literal) => {
        $crate::example::About::new(
            // Not set for the examples of a package.
            match option_env!("CARGO_BIN_NAME") {
                Some(name) => name,
                None => env!("CARGO_CRATE_NAME"),
            },
            env!("CARGO_PKG_VERSION"),
            include_str!($file),
        )
    };
}

/// An example: its name, its header and the changes that it makes. Built by [`about!`](crate::about).
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Name of the binary.
    pub binary: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its source. The header is the help text.
    pub source: &'static str,
    /// The changes it makes on the platform, in order.
    pub steps: &'static [&'static str],
    /// What the user must confirm before the first call, a sentence.
    pub consequence: Option<&'static str>,
    /// Whether it has the option `--json`.
    pub json: bool,
    /// The tenant that is used unless the option `--tenant` names another one.
    pub tenant: Option<&'static str>,
    /// What the option `--replace` does, if there is one.
    pub replaces: Option<&'static str>,
    /// Whether the example asks for confirmation itself, on every platform.
    pub asks_before_deleting: bool,
}

impl About {
    /// An example without steps and options of its own, for [`about!`](crate::about).
    #[must_use]
    pub fn new(binary: &'static str, version: &'static str, source: &'static str) -> Self {
        Self {
            binary,
            version,
            source,
            steps: &[],
            consequence: None,
            json: false,
            tenant: None,
            replaces: None,
            asks_before_deleting: false,
        }
    }

    /// Declares the changes that the example makes on the platform, in order: the names that it passes to
    /// [`Call::step`](crate::Call::step). If a run fails midway, its report lists those that are done and those that are
    /// not.
    #[must_use]
    pub fn steps(self, steps: &'static [&'static str]) -> Self {
        Self { steps, ..self }
    }

    /// Declares what the user must confirm before the first call: that the example starts production, deletes, disables,
    /// or changes what partners are billed for. A sentence. There is no prompt if the platform is on this machine, or with
    /// `--yes`. [`run_without_token`](super::run_without_token) does not ask.
    #[must_use]
    pub fn ask_first(self, consequence: &'static str) -> Self {
        Self {
            consequence: Some(consequence),
            ..self
        }
    }

    /// Declares the option `--json`, for an example that is run by [`run_with_options`](super::run_with_options).
    #[must_use]
    pub fn json(self) -> Self {
        Self { json: true, ..self }
    }

    /// Declares the option `--tenant`, for an example that is run by [`run_with_options`](super::run_with_options).
    /// `default` is the tenant that it reads otherwise, for the help text.
    #[must_use]
    pub fn tenant(self, default: &'static str) -> Self {
        Self {
            tenant: Some(default),
            ..self
        }
    }

    /// Declares the option `--replace`, for an example that is run by [`run_without_token`](super::run_without_token).
    /// `effect` is its help text.
    #[must_use]
    pub fn replace(self, effect: &'static str) -> Self {
        Self {
            replaces: Some(effect),
            ..self
        }
    }

    /// Declares that the example shows what it will delete and then asks for confirmation, on every platform. The option
    /// `--yes` confirms in advance: see [`Options::confirm`](super::Options::confirm).
    #[must_use]
    pub fn ask_before_deleting(self) -> Self {
        Self {
            asks_before_deleting: true,
            ..self
        }
    }

    /// The header as plain text.
    pub(super) fn header(&self) -> String {
        self.source
            .lines()
            .map_while(|line| line.strip_prefix("//!"))
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .filter(|line| !line.starts_with("```"))
            .map(|line| line.replace(['`'], "").replace("**", ""))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The text of an item of the header, `- If it fails midway: …`, which may span several lines.
    pub(super) fn item(&self, name: &str) -> Option<String> {
        let header = self.header();
        let (_, item) = header.split_once(&format!("\n- {name}: "))?;
        let item = item.split("\n- ").next()?.split("\n\n").next()?;
        Some(item.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn about_works_in_a_file_of_any_name() {
        let about = crate::about!("help.rs");
        assert_eq!(about.binary, "common");
        let header = about.header();
        assert!(
            header.starts_with("An example: its name, its steps"),
            "{header}"
        );
    }
}
