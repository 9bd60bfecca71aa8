//! Where a setting is looked up: the environment, then the two files.

use std::{env, fmt, time::Duration};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use serde_json::{Map, Value};

use super::{
    base_url,
    names::{check_key, variable},
};
use crate::{
    error::UserError,
    folder::{DEFAULTS, Home, SETTINGS},
};

/// The text of a setting, and its source for messages.
pub(super) struct Setting {
    pub(super) text: String,
    pub(super) origin: String,
}

impl Setting {
    /// A setting that a program passes as a value.
    pub(super) fn of_program(text: &str) -> Self {
        Self {
            text: text.trim().to_owned(),
            origin: "the program".to_owned(),
        }
    }

    pub(super) fn invalid(&self, key: &str, reason: &str, help: &str) -> UserError {
        UserError::new(format!("{key} in {} {reason}", self.origin), help)
    }
}

/// The content of a settings file.
#[derive(Default)]
struct Settings(Map<String, Value>);

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SettingsVisitor)
    }
}

/// Rejects a key that appears twice: one of its values would be ignored.
struct SettingsVisitor;

impl<'de> Visitor<'de> for SettingsVisitor {
    type Value = Settings;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Settings, A::Error> {
        let mut settings = Map::new();
        while let Some((key, value)) = entries.next_entry::<String, Value>()? {
            if settings.contains_key(&key) {
                return Err(A::Error::custom(format!("\"{key}\" appears twice")));
            }
            settings.insert(key, value);
        }
        Ok(Settings(settings))
    }
}

/// The two files: path and content.
pub(super) struct Sources([(String, Settings); 2]);

impl Sources {
    /// Reads both files and checks their keys. The defaults may be absent.
    pub(super) fn read(home: &Home) -> Result<Self, UserError> {
        let settings = home.load(SETTINGS)?;
        let defaults = match home.has(DEFAULTS) {
            true => home.load(DEFAULTS)?,
            false => Settings::default(),
        };
        let path = |name| home.path(name).display().to_string();
        let files = [(path(SETTINGS), settings), (path(DEFAULTS), defaults)];
        for (path, Settings(settings)) in &files {
            settings.keys().try_for_each(|key| check_key(key, path))?;
        }
        let [_, (path, Settings(defaults))] = &files;
        if defaults.contains_key("base_url") {
            return Err(UserError::new(
                format!("base_url in {path} is not used: it has no default"),
                format!("Move it to {SETTINGS}."),
            ));
        }
        Ok(Self(files))
    }

    /// The one setting without a default.
    pub(super) fn base_url(&self) -> Result<Setting, UserError> {
        let [(path, _), _] = &self.0;
        self.find("base_url")?.ok_or_else(|| {
            UserError::new(
                format!("base_url is missing in {path}"),
                format!(
                    "Add it there, or set {}. {}",
                    variable("base_url"),
                    base_url::FORM
                ),
            )
        })
    }

    pub(super) fn text(&self, key: &str, default: String) -> Result<String, UserError> {
        let setting = self.find(key)?;
        Ok(setting.map_or(default, |setting| setting.text))
    }

    /// Reads a setting that must be one of two words, and returns the value of that word; `false` if it is absent.
    pub(super) fn choice(
        &self,
        key: &str,
        words: [(&str, bool); 2],
        help: &str,
    ) -> Result<bool, UserError> {
        let Some(setting) = self.find(key)? else {
            return Ok(false);
        };
        let [(one, _), (other, _)] = words;
        let known = words.iter().find(|(word, _)| *word == setting.text);
        known
            .map(|(_, value)| *value)
            .ok_or_else(|| setting.invalid(key, &format!("is neither {one} nor {other}"), help))
    }

    /// A duration in seconds, which may have a fraction.
    pub(super) fn seconds(&self, key: &str, default: Duration) -> Result<Duration, UserError> {
        let Some(setting) = self.find(key)? else {
            return Ok(default);
        };
        match setting.text.parse() {
            Ok(seconds) if (0.001..=86_400.0).contains(&seconds) => {
                Ok(Duration::from_secs_f64(seconds))
            }
            _ => Err(setting.invalid(
                key,
                "is not a number of seconds from 0.001 to 86400",
                &format!(
                    "Use the form {}, or remove the setting to use that default.",
                    default.as_secs_f64()
                ),
            )),
        }
    }

    pub(super) fn find(&self, key: &str) -> Result<Option<Setting>, UserError> {
        let name = variable(key);
        let text = env::var_os(&name).unwrap_or_default().into_string();
        let text = text.map_err(|_| {
            UserError::new(
                format!("{name} is not valid UTF-8"),
                "Set it to UTF-8 text, or unset it.",
            )
        })?;
        if !text.trim().is_empty() {
            return Ok(Some(Setting {
                text: text.trim().to_owned(),
                origin: name,
            }));
        }
        for (path, Settings(content)) in &self.0 {
            let text = match content.get(key) {
                None | Some(Value::Null) => continue,
                Some(Value::String(text)) if !text.trim().is_empty() => text.trim().to_owned(),
                Some(Value::Number(number)) if key.ends_with("_seconds") => number.to_string(),
                Some(_) => return Err(wrong_type(key, path)),
            };
            return Ok(Some(Setting {
                text,
                origin: path.clone(),
            }));
        }
        Ok(None)
    }
}

fn wrong_type(key: &str, path: &str) -> UserError {
    let expected = match key.ends_with("_seconds") {
        true => "a number",
        false => "a non-empty string",
    };
    let help = match key {
        "base_url" => base_url::FORM.to_owned(),
        _ => format!("Correct \"{key}\" there, or remove it to use the default."),
    };
    UserError::new(format!("{key} in {path} is not {expected}"), help)
}
