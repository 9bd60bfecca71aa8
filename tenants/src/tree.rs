//! The tenant tree, printed line by line.

use std::{
    collections::HashSet,
    io::{self, IsTerminal},
};

use common::{Id, UnexpectedResponse};

/// A place in the tree, with the prefixes of its own line and of the lines below it.
#[derive(Debug, Clone)]
pub struct Branch {
    /// Draws lines, as on a terminal; otherwise only indents.
    has_lines: bool,
    prefix: String,
    prefix_below: String,
    depth: usize,
}

impl Branch {
    /// The root of the tree. It has lines if standard output is a terminal.
    #[must_use]
    pub fn root() -> Self {
        Self::root_with_lines(io::stdout().is_terminal())
    }

    fn root_with_lines(has_lines: bool) -> Self {
        Self {
            has_lines,
            prefix: String::new(),
            prefix_below: String::new(),
            depth: 0,
        }
    }

    /// The place of a child.
    #[must_use]
    pub fn child(&self, is_last: bool) -> Self {
        let (prefix, prefix_below) = match (self.has_lines, is_last) {
            (false, _) => ("  ", "  "),
            (true, false) => ("├─ ", "│  "),
            (true, true) => ("└─ ", "   "),
        };
        Self {
            has_lines: self.has_lines,
            prefix: format!("{}{prefix}", self.prefix_below),
            prefix_below: format!("{}{prefix_below}", self.prefix_below),
            depth: self.depth + 1,
        }
    }

    /// The line of the tenant at this place.
    #[must_use]
    pub fn tenant(&self, name: &str, id: &Id) -> String {
        format!("{}{name} ({id})", self.prefix)
    }

    /// The line of a user of this tenant, above the lines of its children.
    #[must_use]
    pub fn user(&self, login: &str) -> String {
        format!("{}  user {login}", self.prefix_below)
    }
}

/// Guards a walk through the tree: it must have no cycle and must end.
#[derive(Debug, Default)]
pub struct TreeGuard {
    visited: HashSet<Id>,
}

impl TreeGuard {
    /// The largest number of levels below the root. A known tree has about ten.
    pub const MAX_DEPTH: usize = 100;

    /// Checks a tenant before it is visited.
    ///
    /// # Errors
    /// [`UnexpectedResponse`] if it was visited before, or if its place is deeper than any real tree.
    pub fn check(&mut self, id: &Id, branch: &Branch) -> Result<(), UnexpectedResponse> {
        let call = format!("GET /api/2/tenants/{id}");
        if !self.visited.insert(id.clone()) {
            let reason = "the tenant is in more than one place in the tree";
            return Err(UnexpectedResponse::new(call, reason));
        }
        if branch.depth > Self::MAX_DEPTH {
            let reason = format!("the tree has more than {} levels", Self::MAX_DEPTH);
            return Err(UnexpectedResponse::new(call, reason));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(has_lines: bool) -> String {
        let id = |text: &str| Id::try_from(text.to_owned()).unwrap();
        let root = Branch::root_with_lines(has_lines);
        let (first, last) = (root.child(false), root.child(true));
        [
            root.tenant("Root", &id("r")),
            first.tenant("First", &id("f")),
            first.user("ada"),
            first.child(false).tenant("A", &id("a")),
            first.child(true).tenant("B", &id("b")),
            first.child(true).user("bob"),
            last.tenant("Last", &id("l")),
            last.user("eve"),
            last.child(true).tenant("C", &id("c")),
        ]
        .join("\n")
    }

    #[test]
    fn a_terminal_gets_lines_from_parent_to_child() {
        let expected = "\
Root (r)
├─ First (f)
│    user ada
│  ├─ A (a)
│  └─ B (b)
│       user bob
└─ Last (l)
     user eve
   └─ C (c)";
        assert_eq!(tree(true), expected);
    }

    #[test]
    fn a_file_gets_indentation_only() {
        let expected = "\
Root (r)
  First (f)
    user ada
    A (a)
    B (b)
      user bob
  Last (l)
    user eve
    C (c)";
        assert_eq!(tree(false), expected);
    }
}
