//! The tenant tree, printed line by line.

use std::{
    collections::HashSet,
    io::{self, IsTerminal},
};

use common::{Id, UnexpectedResponse};

use crate::Tenant;

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

    /// The line of the tenant at this place: name, kind, state and id.
    #[must_use]
    pub fn tenant(&self, tenant: &Tenant) -> String {
        let Tenant { name, id, .. } = tenant;
        format!("{}{name} ({}) {id}", self.prefix, tenant.kind_and_state())
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
        let tenant = |id: &str, name: &str| -> Tenant {
            let tenant = format!(r#"{{"id":"{id}","name":"{name}","kind":"unit","version":1}}"#);
            serde_json::from_str(&tenant).unwrap()
        };
        let root = Branch::root_with_lines(has_lines);
        let (first, last) = (root.child(false), root.child(true));
        [
            root.tenant(&tenant("r", "Root")),
            first.tenant(&tenant("f", "First")),
            first.user("ada"),
            first.child(false).tenant(&tenant("a", "A")),
            first.child(true).tenant(&tenant("b", "B")),
            first.child(true).user("bob"),
            last.tenant(&tenant("l", "Last")),
            last.user("eve"),
            last.child(true).tenant(&tenant("c", "C")),
        ]
        .join("\n")
    }

    #[test]
    fn a_terminal_gets_lines_from_parent_to_child() {
        let expected = "\
Root (unit) r
├─ First (unit) f
│    user ada
│  ├─ A (unit) a
│  └─ B (unit) b
│       user bob
└─ Last (unit) l
     user eve
   └─ C (unit) c";
        assert_eq!(tree(true), expected);
    }

    #[test]
    fn a_file_gets_indentation_only() {
        let expected = "\
Root (unit) r
  First (unit) f
    user ada
    A (unit) a
    B (unit) b
      user bob
  Last (unit) l
    user eve
    C (unit) c";
        assert_eq!(tree(false), expected);
    }
}
