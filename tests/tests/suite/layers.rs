//! Imports point downward only: no module imports one that is above it in `layers.txt`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use regex::Regex;
use tests::examples;

const LAYERS: &str = include_str!("layers.txt");

/// The layers of a crate: the number of each module's line, counted from the top.
type Layers<'a> = BTreeMap<&'a str, usize>;

/// The crates with a list of layers.
fn crates() -> Vec<(&'static str, Layers<'static>)> {
    let mut crates: Vec<(&str, Layers<'_>)> = Vec::new();
    let lines = LAYERS.lines().map(str::trim);
    for (number, line) in lines.enumerate() {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            crates.push((name, Layers::new()));
        } else if let Some((name, layers)) = crates.last_mut() {
            for module in line.split_whitespace() {
                let before = layers.insert(module, number);
                assert_eq!(before, None, "layers.txt lists {name}::{module} twice");
            }
        }
    }
    crates
}

/// A source file of a crate.
struct Source {
    /// Its path below `src`.
    file: String,
    text: String,
}

impl Source {
    /// The module of the first level: `a` for `a/b.rs`.
    fn first_level(&self) -> &str {
        self.file.split(['/', '.']).next().unwrap_or_default()
    }

    /// How many modules its path has: two for `a/b.rs` and for `a/b/mod.rs`.
    fn depth(&self) -> usize {
        self.file.trim_end_matches("/mod.rs").split('/').count()
    }

    /// The modules of the first level that its paths lead to, each with its line. Comments and unit tests do not count:
    /// a unit test may use what is above its module.
    fn imports(&self) -> Vec<(usize, String)> {
        let code = self.text.split("#[cfg(test)]\nmod tests {").next();
        let code: String = code
            .unwrap_or_default()
            .lines()
            .map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n")
            .collect();
        let start = Regex::new(r"\b(crate|super)::").expect("the pattern is valid");
        let depth = self.depth();
        let (mut found, mut end) = (Vec::new(), 0);
        for start in start.find_iter(&code).map(|start| start.start()) {
            // `$crate::` in a macro is expanded in other crates. A `super` in braces is part of a path that was read.
            if !code[..start].ends_with('$') && start >= end {
                end = follow(&code, start, Some(depth), &mut found);
            }
        }
        let line = |at: usize| code[..at].matches('\n').count() + 1;
        found
            .iter()
            .map(|(at, name)| (line(*at), name.clone()))
            .collect()
    }
}

/// The source files of a crate, without its roots.
fn sources(name: &str) -> Vec<Source> {
    fn collect(folder: &Path, below: &str, found: &mut Vec<Source>) {
        for entry in fs::read_dir(folder).expect("the sources are readable") {
            let path = entry.expect("the sources are readable").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let file = format!("{below}{name}");
            if path.is_dir() {
                collect(&path, &format!("{file}/"), found);
            } else if file.ends_with(".rs") {
                let text = fs::read_to_string(&path).expect("a source is text");
                found.push(Source { file, text });
            }
        }
    }
    let is_root =
        |file: &str| ["lib.rs", "main.rs", "cli.rs"].contains(&file) || file.starts_with("bin/");
    let mut found = Vec::new();
    collect(&examples::checkout().join(name).join("src"), "", &mut found);
    found.retain(|source| !is_root(&source.file));
    found
}

/// Follows the path at this place, such as `super::a::b` or `crate::{a::b, c}`, and returns where it ends. Adds the names
/// that are directly below the root of the crate, with their positions.
///
/// `depth` counts the modules between the root and the start of the path. It is `None` below the first name.
fn follow(
    code: &str,
    mut at: usize,
    mut depth: Option<usize>,
    found: &mut Vec<(usize, String)>,
) -> usize {
    let find = |from: usize, pattern: &dyn Fn(char) -> bool| {
        code[from..]
            .find(pattern)
            .map_or(code.len(), |length| from + length)
    };
    loop {
        at = find(at, &|c| !c.is_whitespace());
        if code[at..].starts_with('{') {
            while at < code.len() && !code[at..].starts_with('}') {
                let end = follow(code, at + 1, depth, found);
                // A path may be followed by `as Name`.
                at = find(end, &|c| c == ',' || c == '}');
            }
            return at + 1;
        }
        let end = find(at, &|c| !c.is_alphanumeric() && c != '_' && c != '*');
        match (&code[at..end], depth) {
            ("crate", _) => depth = Some(0),
            ("super", Some(levels)) => depth = levels.checked_sub(1),
            // The last path in braces may be followed by a comma.
            ("self" | "", _) => {}
            (name, Some(0)) => {
                found.push((at, name.to_owned()));
                depth = None;
            }
            _ => depth = None,
        }
        if !code[end..].starts_with("::") {
            return end;
        }
        at = end + "::".len();
    }
}

/// What is wrong with the imports of a source file, each with its line.
fn upward(layers: &Layers<'_>, source: &Source) -> Vec<(usize, String)> {
    let module = source.first_level();
    let Some(own) = layers.get(module) else {
        return vec![(
            1,
            format!("{module} is not in tests/tests/suite/layers.txt"),
        )];
    };
    source
        .imports()
        .into_iter()
        .filter(|(_, name)| name != module)
        .filter_map(|(line, name)| match layers.get(name.as_str()) {
            Some(layer) if layer > own => None,
            Some(_) => Some((
                line,
                format!("{module} imports {name}, which is not below it"),
            )),
            None => Some((
                line,
                format!("{module} imports crate::{name}: import it from its module"),
            )),
        })
        .collect()
}

#[test]
fn no_module_imports_one_above_it() {
    let mut wrong = String::new();
    for (name, layers) in crates() {
        let mut unused: BTreeSet<_> = layers.keys().copied().collect();
        for source in sources(name) {
            unused.remove(source.first_level());
            for (line, why) in upward(&layers, &source) {
                wrong += &format!("{name}/src/{}:{line}: {why}\n", source.file);
            }
        }
        for module in unused {
            wrong += &format!("layers.txt: {name} has no module {module}\n");
        }
    }
    assert_eq!(wrong, "");
}

/// A library does not know who else uses it in the same process.
#[test]
fn common_has_no_global_state() {
    let global = Regex::new(r"(?m)^\s*(pub(\([a-z]+\))? )?(static \w+:|thread_local!)")
        .expect("the pattern is valid");
    assert!(global.is_match("    pub(crate) static A: AtomicBool = AtomicBool::new(false);"));
    for Source { file, text } in sources("common") {
        let found = global.find(&text).map(|found| found.as_str().trim());
        assert_eq!(found, None, "common/src/{file}");
    }
}

#[test]
fn an_upward_import_is_found_with_its_line() {
    let layers = Layers::from([("top", 0), ("beside", 1), ("middle", 1), ("low", 2)]);
    let lines = |file: &str, text: &str| {
        let source = Source {
            file: file.to_owned(),
            text: text.to_owned(),
        };
        let found = upward(&layers, &source);
        for (_, why) in &found {
            assert!(why.starts_with("middle imports "), "{found:?}");
        }
        found.iter().map(|(line, _)| *line).collect::<Vec<_>>()
    };

    let text = "\
//! See [`crate::top`].
use crate::low::{self, top};
use crate::{
    low::{deep, deeper},
    top::Name,
};
fn f() -> crate::beside::T { crate::middle::g(crate::Reexported) }
macro_rules! m { () => { $crate::top::f() }; }
#[cfg(test)]
mod tests {
    use crate::top::Name;
}
";
    assert_eq!(lines("middle/inner.rs", text), [5, 7, 7]);

    let text = "\
use super::low;
use super::{
    low::{self, top},
    top::{deep, Name},
};
pub(super) fn f() -> self::super::beside::T { middle::super_top() }
";
    assert_eq!(lines("middle.rs", text), [4, 6]);
    assert_eq!(lines("middle/mod.rs", text), [4, 6]);
    assert_eq!(lines("middle/inner.rs", text), [0; 0]);

    let text = "\
use super::top;
use super::super::{low, top::Name as Other};
use super::{
    low::{self, top},
    super::beside::*,
};
";
    assert_eq!(lines("middle/inner.rs", text), [2, 5]);
    assert_eq!(lines("middle/inner/mod.rs", text), [2, 5]);
    assert_eq!(lines("middle/inner/deep.rs", text), [0; 0]);
}
