//! The tenant tree, drawn line by line while it is read.

use std::io::{self, IsTerminal};

use common::plain;

/// A place in the tree: it knows what stands before its line, and before the lines below it.
#[derive(Debug, Clone)]
pub struct Branch {
    /// Lines on a terminal, plain indentation elsewhere.
    drawn: bool,
    before: String,
    below: String,
}

impl Branch {
    /// The top of the tree.
    #[must_use]
    pub fn top() -> Self {
        Self::with_lines(io::stdout().is_terminal())
    }

    fn with_lines(drawn: bool) -> Self {
        Self {
            drawn,
            before: String::new(),
            below: String::new(),
        }
    }

    /// A child of this place, the last of them or not.
    #[must_use]
    pub fn child(&self, is_last: bool) -> Self {
        let (before, below) = match (self.drawn, is_last) {
            (false, _) => ("  ", "  "),
            (true, false) => ("├─ ", "│  "),
            (true, true) => ("└─ ", "   "),
        };
        Self {
            drawn: self.drawn,
            before: format!("{}{before}", self.below),
            below: format!("{}{below}", self.below),
        }
    }

    /// The line of a tenant.
    #[must_use]
    pub fn tenant(&self, name: &str, id: &str) -> String {
        format!("{}{} ({})", self.before, plain(name), plain(id))
    }

    /// The line of a user of this tenant. It comes before it is known whether the tenant has children.
    #[must_use]
    pub fn user(&self, login: &str) -> String {
        format!("{}  user {}", self.below, plain(login))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(drawn: bool) -> String {
        let top = Branch::with_lines(drawn);
        let (first, last) = (top.child(false), top.child(true));
        [
            top.tenant("Top", "t"),
            first.tenant("First", "f"),
            first.user("ada"),
            first.child(false).tenant("A", "a"),
            first.child(true).tenant("B\n\u{202e}", "b"),
            first.child(true).user("bob"),
            last.tenant("Last", "l"),
            last.user("eve"),
            last.child(true).tenant("C", "c"),
        ]
        .join("\n")
    }

    #[test]
    fn lines_lead_to_each_tenant() {
        let expected = "\
Top (t)
├─ First (f)
│    user ada
│  ├─ A (a)
│  └─ B   (b)
│       user bob
└─ Last (l)
     user eve
   └─ C (c)";
        assert_eq!(tree(true), expected);
    }

    #[test]
    fn without_a_terminal_there_is_indentation_alone() {
        let expected = "\
Top (t)
  First (f)
    user ada
    A (a)
    B   (b)
      user bob
  Last (l)
    user eve
    C (c)";
        assert_eq!(tree(false), expected);
    }
}
