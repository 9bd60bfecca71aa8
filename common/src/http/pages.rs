//! All pages of a list.

use std::{marker::PhantomData, mem};

use anyhow::Result;
use serde::de::DeserializeOwned;

use super::call::Call;
use crate::{
    error::UnexpectedResponse,
    json::{CursorGuard, Page},
};

/// The pages of a list, each read when it is needed. The first error is the last item.
///
/// Each call has the query of the first one, and the cursor. The list ends with a page that has no cursor, or with an
/// empty page whose cursor was followed before.
#[must_use = "nothing is read until a page is needed"]
pub struct Pages<'a, T> {
    call: Call<'a>,
    guard: CursorGuard,
    next: Next,
    is_strict: bool,
    items: PhantomData<T>,
}

enum Next {
    First,
    Cursor(String),
    Error(UnexpectedResponse),
    End,
}

impl<'a, T> Pages<'a, T> {
    pub(super) fn new(call: Call<'a>, path: &str) -> Self {
        Self {
            call,
            guard: CursorGuard::new(path),
            next: Next::First,
            is_strict: false,
            items: PhantomData,
        }
    }

    /// Makes a repeated cursor an error on an empty page too: a search must not miss an object.
    pub(crate) fn strict(mut self) -> Self {
        self.is_strict = true;
        self
    }

    fn after(&mut self, page: &Page<T>) -> Next {
        let Some(cursor) = page.next_cursor() else {
            return Next::End;
        };
        match self.guard.check(cursor) {
            Ok(()) => Next::Cursor(cursor.to_owned()),
            Err(_) if page.items.is_empty() && !self.is_strict => Next::End,
            Err(error) => Next::Error(error),
        }
    }
}

impl<T: DeserializeOwned> Iterator for Pages<'_, T> {
    type Item = Result<Page<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        let page = match mem::replace(&mut self.next, Next::End) {
            Next::First => self.call.fetch_page(None),
            Next::Cursor(cursor) => self.call.fetch_page(Some(cursor)),
            Next::Error(error) => return Some(Err(error.into())),
            Next::End => return None,
        };
        if let Ok(page) = &page {
            self.next = self.after(page);
        }
        Some(page)
    }
}
