//! Translates filters, order and cursor to SQL, and fetches the page.

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row, params_from_iter};

use super::filter::{Filter, Op};
use super::foreign_cursor;
use super::order::Order;
use super::params::{PageRequest, Params, Start};
use crate::domain::{ApiError, Result};

/// The maximum number of values in one filter. SQLite limits the number of parameters.
const MAX_FILTER_VALUES: usize = 500;

/// A boolean SQL expression and its parameters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    /// Contains a `?` for each value.
    pub sql: String,
    /// In the order of the question marks.
    pub values: Vec<Value>,
}

/// Conditions that the rows of a list must all meet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions {
    sql: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Starts without conditions. `?1` and so on refer to these values in the whole statement and must precede any `?`.
    pub(crate) fn with_values(values: impl IntoIterator<Item = Value>) -> Self {
        Self {
            sql: Vec::new(),
            values: values.into_iter().collect(),
        }
    }

    /// Adds a condition.
    pub(crate) fn and(&mut self, sql: impl Into<String>, values: impl IntoIterator<Item = Value>) {
        self.sql.push(sql.into());
        self.values.extend(values);
    }

    /// Adds a condition that at least one of these holds. Without alternatives, no row matches.
    pub(crate) fn any_of(&mut self, alternatives: Vec<Condition>) {
        let sql: Vec<String> = alternatives.iter().map(|one| one.sql.clone()).collect();
        let sql = match sql.as_slice() {
            [] => "0".to_owned(),
            _ => format!("({})", sql.join(" OR ")),
        };
        self.and(sql, alternatives.into_iter().flat_map(|one| one.values));
    }

    /// Adds the filter on a column. The values of a repeated parameter are alternatives.
    pub(crate) fn filter(
        &mut self,
        params: &Params,
        name: &str,
        column: &str,
        ops: &[Op],
        parse: impl Fn(&str) -> Result<Value>,
    ) -> Result<()> {
        self.filter_with(params, name, ops, |filter| filter.condition(column, &parse))
    }

    /// Same as [`Conditions::filter`], but the list translates the filter to SQL itself.
    pub(crate) fn filter_with(
        &mut self,
        params: &Params,
        name: &str,
        ops: &[Op],
        condition: impl Fn(Filter) -> Result<Condition>,
    ) -> Result<()> {
        let given = params.all(name);
        if given.is_empty() {
            return Ok(());
        }
        let alternatives = given
            .into_iter()
            .map(|text| condition(Filter::parse(name, text, ops)?))
            .collect::<Result<Vec<_>>>()
            .map_err(|error| error.of_field(name))?;
        let values: usize = alternatives.iter().map(|one| one.values.len()).sum();
        if values > MAX_FILTER_VALUES {
            return Err(ApiError::bad(format!(
                "{name}: {values} values given, at most {MAX_FILTER_VALUES} allowed."
            )));
        }
        self.any_of(alternatives);
        Ok(())
    }

    fn sql(&self) -> String {
        match self.sql.as_slice() {
            [] => "1".to_owned(),
            all => all.join(" AND "),
        }
    }
}

/// A page, and the cursors of its neighbors.
#[derive(Debug)]
pub(crate) struct CursorPage<T> {
    /// The rows on the page.
    pub items: Vec<T>,
    /// The cursor of the next page, if there is one.
    pub after: Option<String>,
    /// The cursor of the previous page, if there is one.
    pub before: Option<String>,
}

/// Fetches a page of the rows that meet all conditions.
pub(crate) fn page<T>(
    db: &Connection,
    (columns, tables): (&str, &str),
    conditions: &Conditions,
    order: &Order,
    request: &PageRequest,
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<CursorPage<T>> {
    let mut conditions = conditions.clone();
    let backward = matches!(request.start, Start::Before(_));
    if let Start::After(position) | Start::Before(position) = &request.start {
        let edge = beyond(order, position, backward)?;
        conditions.and(edge.sql, edge.values);
    }
    let keys: Vec<&str> = order.keys.iter().map(|(sql, _)| *sql).collect();
    let by: Vec<String> = order
        .keys
        .iter()
        .map(|(sql, descending)| {
            let direction = if *descending == backward {
                "ASC"
            } else {
                "DESC"
            };
            format!("{sql} {direction}")
        })
        .collect();
    // Fetches one more row than requested to find out whether there is another page.
    let limit = request.limit.filter(|limit| *limit > 0);
    let statement = format!(
        "SELECT {columns}, {} FROM {tables} WHERE {} ORDER BY {} LIMIT {}",
        keys.join(", "),
        conditions.sql(),
        by.join(", "),
        limit.map_or(-1, |limit| limit.saturating_add(1)),
    );
    let mut statement = db.prepare_cached(&statement)?;
    let first_key = statement.column_count() - keys.len();
    let mut rows = statement.query(params_from_iter(&conditions.values))?;
    let size = limit.and_then(|limit| usize::try_from(limit).ok());
    let mut items = Vec::new();
    let mut edges = None;
    let mut more = false;
    while let Some(row) = rows.next()? {
        if size == Some(items.len()) {
            more = true;
            break;
        }
        items.push(read(row)?);
        // A page without a limit has no neighbors and needs no cursors.
        if size.is_some() {
            let position = key_values(row, first_key)?;
            let (first, _) = edges.take().unwrap_or((position.clone(), Vec::new()));
            edges = Some((first, position));
        }
    }
    let (mut first, mut last) = edges.unzip();
    if backward {
        items.reverse();
        std::mem::swap(&mut first, &mut last);
    }
    let (has_before, has_after) = match request.start {
        Start::First => (false, more),
        Start::After(_) => (true, more),
        Start::Before(_) => (more, true),
    };
    let cursor = |exists: bool, position: Option<Vec<serde_json::Value>>| {
        let position = position.filter(|_| exists);
        position
            .map(|position| request.cursor(position))
            .transpose()
    };
    Ok(CursorPage {
        items,
        after: cursor(has_after, last)?,
        before: cursor(has_before, first)?,
    })
}

/// Counts the rows that meet all conditions.
pub(crate) fn count(db: &Connection, tables: &str, conditions: &Conditions) -> Result<i64> {
    let statement = format!("SELECT count(*) FROM {tables} WHERE {}", conditions.sql());
    let mut statement = db.prepare_cached(&statement)?;
    Ok(statement.query_row(params_from_iter(&conditions.values), |row| row.get(0))?)
}

/// The condition for rows after a position, or before it if `backward`.
fn beyond(order: &Order, position: &[serde_json::Value], backward: bool) -> Result<Condition> {
    if position.len() != order.keys.len() {
        return Err(foreign_cursor());
    }
    let position = position
        .iter()
        .map(|value| match (value.as_i64(), value.as_str()) {
            (Some(number), _) => Ok(Value::Integer(number)),
            (_, Some(text)) => Ok(Value::Text(text.to_owned())),
            _ => Err(foreign_cursor()),
        })
        .collect::<Result<Vec<_>>>()?;
    let mut alternatives = Vec::new();
    let mut values = Vec::new();
    let mut same = String::new();
    let mut before = Vec::new();
    for ((sql, descending), value) in order.keys.iter().zip(position) {
        let comparison = if *descending == backward { ">" } else { "<" };
        alternatives.push(format!("({same}{sql} {comparison} ?)"));
        values.extend(before.iter().cloned());
        values.push(value.clone());
        same.push_str(&format!("{sql} = ? AND "));
        before.push(value);
    }
    Ok(Condition {
        sql: format!("({})", alternatives.join(" OR ")),
        values,
    })
}

fn key_values(row: &Row<'_>, first: usize) -> Result<Vec<serde_json::Value>> {
    (first..row.as_ref().column_count())
        .map(|column| match row.get_ref(column)? {
            ValueRef::Integer(number) => Ok(number.into()),
            ValueRef::Text(text) => Ok(String::from_utf8_lossy(text).into()),
            _ => Ok(serde_json::Value::Null),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Directions, Key, integer, text};
    use super::*;

    const KEYS: &[Key] = &[
        Key {
            name: "size",
            sql: "size",
        },
        Key {
            name: "id",
            sql: "id",
        },
    ];

    fn database(ids: impl IntoIterator<Item = i64>) -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE rows (id INTEGER PRIMARY KEY, size INTEGER, name TEXT)")
            .unwrap();
        for id in ids {
            add(&db, id);
        }
        db
    }

    fn add(db: &Connection, id: i64) {
        let name = format!("Row {id}");
        db.execute("INSERT INTO rows VALUES (?, ?, ?)", (id, id % 3, name))
            .unwrap();
    }

    fn fetch(db: &Connection, query: &[(&str, &str)]) -> Result<CursorPage<i64>> {
        let request =
            Params::of(query).page_request("rows", &["name", "id", "order"], Directions::Both)?;
        let order = Order::parse(&request.params, KEYS, "asc(id)", "asc(id)")?;
        let mut conditions = Conditions::default();
        conditions.filter(&request.params, "name", "name", &[Op::Like, Op::Or], text)?;
        conditions.filter(&request.params, "id", "id", Op::ORDERED, integer)?;
        page(db, ("id", "rows"), &conditions, &order, &request, |row| {
            Ok(row.get(0)?)
        })
    }

    #[test]
    fn pages_forward_and_backward() {
        let db = database(1..=7);
        let first = fetch(&db, &[("limit", "3"), ("order", "desc(size)")]).unwrap();
        assert_eq!((first.items, first.before), (vec![2, 5, 1], None));
        let after = first.after.unwrap();
        let second = fetch(&db, &[("limit", "3"), ("after", &after)]).unwrap();
        assert_eq!(second.items, [4, 7, 3]);
        let after = second.after.unwrap();
        // The cursor contains the limit.
        let third = fetch(&db, &[("after", &after)]).unwrap();
        assert_eq!((third.items, third.after), (vec![6], None));
        let before = third.before.unwrap();
        let second = fetch(&db, &[("limit", "3"), ("before", &before)]).unwrap();
        assert_eq!(second.items, [4, 7, 3]);
        let first = fetch(&db, &[("before", &second.before.unwrap())]).unwrap();
        assert_eq!((first.items, first.before), (vec![2, 5, 1], None));
        assert!(first.after.is_some());
    }

    #[test]
    fn rows_added_while_paging_neither_duplicate_nor_hide_others() {
        let db = database((1..=9).map(|id| id * 10));
        let mut seen = Vec::new();
        let mut page = fetch(&db, &[("limit", "2"), ("order", "desc(id)")]).unwrap();
        for new in [95, 5, 96, 15, 97] {
            seen.append(&mut page.items);
            add(&db, new);
            let Some(after) = &page.after else { break };
            page = fetch(&db, &[("limit", "2"), ("after", after)]).unwrap();
        }
        seen.append(&mut page.items);
        seen.retain(|id| id % 10 == 0);
        assert_eq!(seen, [90, 80, 70, 60, 50, 40, 30, 20, 10]);
    }

    #[test]
    fn repeated_filters_are_alternatives_and_different_filters_all_apply() {
        let db = database(1..=12);
        let found = |query: &[(&str, &str)]| fetch(&db, query).unwrap().items;
        assert_eq!(found(&[("name", "like(ROW 1)")]), [1, 10, 11, 12]);
        assert_eq!(
            found(&[("name", "like(row 1)"), ("id", "gt(10)")]),
            [11, 12]
        );
        assert_eq!(found(&[("name", "or(Row 1,Row 3)")]), [1, 3]);
        assert_eq!(found(&[("name", "Row 1"), ("name", "Row 4")]), [1, 4]);
        assert_eq!(found(&[("id", "le(2)"), ("unknown", "x")]), [1, 2]);
    }

    #[test]
    fn rejects_invalid_queries() {
        let db = database(1..=9);
        let page = fetch(&db, &[("limit", "3"), ("id", "gt(1)")]).unwrap();
        let after = page.after.unwrap();
        assert!(fetch(&db, &[("after", &after), ("id", "gt(1)")]).is_ok());
        for query in [
            vec![("limit", "-1")],
            vec![("limit", "many")],
            vec![("limit", "1"), ("limit", "2")],
            vec![("id", "gt(x)")],
            vec![("id", "or(1,2)")],
            vec![("after", "nonsense")],
            vec![("after", ""), ("limit", "3")],
            vec![("after", &after), ("before", &after)],
            vec![("after", &after), ("id", "gt(2)")],
        ] {
            assert!(fetch(&db, &query).is_err(), "{query:?}");
        }
        let many = format!("or({})", vec!["x"; MAX_FILTER_VALUES + 1].join(","));
        assert!(fetch(&db, &[("name", &many)]).is_err());
        let repeated = vec![("id", "1"); MAX_FILTER_VALUES];
        assert_eq!(fetch(&db, &repeated).unwrap().items, [1]);
    }
}
