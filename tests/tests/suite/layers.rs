//! Imports point downward only: no module imports one that stands above it in `layers.txt`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

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

/// The source files of a crate, without its roots: their path below `src`, the module of the first level, their text.
fn sources(name: &str) -> Vec<(String, String, String)> {
    fn collect(folder: &Path, below: &str, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).expect("the sources are readable") {
            let path = entry.expect("the sources are readable").path();
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            let inner = format!("{below}{file}");
            if path.is_dir() {
                collect(&path, &format!("{inner}/"), found);
            } else if file.ends_with(".rs") {
                let text = fs::read_to_string(&path).expect("a source is text");
                found.push((inner, text));
            }
        }
    }
    let mut found = Vec::new();
    collect(&examples::checkout().join(name).join("src"), "", &mut found);
    let is_root =
        |file: &str| ["lib.rs", "main.rs", "cli.rs"].contains(&file) || file.starts_with("bin/");
    found
        .into_iter()
        .filter(|(file, _)| !is_root(file))
        .map(|(file, text)| {
            let module = file.split('/').next().unwrap_or_default();
            let module = module.trim_end_matches(".rs").to_owned();
            (file, module, text)
        })
        .collect()
}

/// The names that follow `crate::` in a source, each with its line. Comments and unit tests do not count: a unit test
/// may use what stands above its module.
fn imports(source: &str) -> Vec<(usize, String)> {
    let code = source.split("#[cfg(test)]\nmod tests {").next();
    let code: String = code
        .unwrap_or_default()
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n")
        .collect();
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let (before, rest) = (&code[..at], &code[at + "crate::".len()..]);
        // `$crate::` in a macro is expanded in other crates.
        if before.ends_with('$') {
            continue;
        }
        for (offset, name) in names(rest) {
            let line = before.matches('\n').count() + rest[..offset].matches('\n').count() + 1;
            found.push((line, name));
        }
    }
    found
}

/// The first name of each path, and where it stands: `a` of `a::b`, `a` and `c` of `{a::b, c::{d, e}}`.
fn names(paths: &str) -> Vec<(usize, String)> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let name = |start: usize| {
        let text = &paths[start..];
        let trimmed = text.trim_start();
        let end = trimmed.find(|c| !is_part(c)).unwrap_or(trimmed.len());
        (
            start + text.len() - trimmed.len(),
            trimmed[..end].to_owned(),
        )
    };
    if !paths.starts_with('{') {
        return vec![name(0)];
    }
    let (mut depth, mut found) = (0, Vec::new());
    for (at, c) in paths.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 1 && matches!(c, '{' | ',') {
            found.push(name(at + 1));
        }
        if depth == 0 {
            break;
        }
    }
    // A comma may stand behind the last one.
    found.retain(|(_, name)| !name.is_empty());
    found
}

/// What is wrong with the imports of a module, a line each.
fn upward(layers: &Layers<'_>, module: &str, source: &str) -> Vec<(usize, String)> {
    let Some(own) = layers.get(module) else {
        return vec![(
            1,
            format!("{module} is not in tests/tests/suite/layers.txt"),
        )];
    };
    imports(source)
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
        for (file, module, source) in sources(name) {
            unused.remove(module.as_str());
            for (line, why) in upward(&layers, &module, &source) {
                wrong += &format!("{name}/src/{file}:{line}: {why}\n");
            }
        }
        for module in unused {
            wrong += &format!("layers.txt: {name} has no module {module}\n");
        }
    }
    assert_eq!(wrong, "");
}

#[test]
fn an_upward_import_is_found_with_its_line() {
    let layers = Layers::from([("top", 0), ("beside", 1), ("middle", 1), ("low", 2)]);
    let source = "\
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
    let found: Vec<_> = upward(&layers, "middle", source);
    let lines: Vec<_> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [5, 7, 7], "{found:?}");
    assert!(found[0].1.contains("middle imports top"), "{found:?}");
}
