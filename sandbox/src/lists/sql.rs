//! Filters, order and place of a list in SQL, and the page they make.

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row, params_from_iter};

use super::filter::{Op, Test};
use super::order::Order;
use super::params::{Asked, Params, Start};
use crate::domain::{ApiError, Result};

/// More values of one filter than this are refused: SQLite has its limits, too.
const MOST_VALUES: usize = 500;

/// A piece of SQL that is true or false, and the values of its question marks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    /// With a `?` for each value.
    pub sql: String,
    /// In the order of the question marks.
    pub values: Vec<Value>,
}

/// What the rows of a list have to fulfil, all of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions {
    sql: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// None yet; `?1` and so on stand for these values all over the statement, in which they come before any `?`.
    pub(crate) fn with(values: impl IntoIterator<Item = Value>) -> Conditions {
        Conditions {
            sql: Vec::new(),
            values: values.into_iter().collect(),
        }
    }

    /// One more condition.
    pub(crate) fn and(&mut self, sql: impl Into<String>, values: impl IntoIterator<Item = Value>) {
        self.sql.push(sql.into());
        self.values.extend(values);
    }

    /// One more: at least one of these. None at all cannot be fulfilled.
    pub(crate) fn any(&mut self, alternatives: Vec<Condition>) {
        let sql: Vec<String> = alternatives.iter().map(|one| one.sql.clone()).collect();
        let sql = match sql.as_slice() {
            [] => "0".to_owned(),
            _ => format!("({})", sql.join(" OR ")),
        };
        self.and(sql, alternatives.into_iter().flat_map(|one| one.values));
    }

    /// One more: a parameter of the query over a column, each time it came an alternative.
    pub(crate) fn filter(
        &mut self,
        params: &Params,
        name: &str,
        column: &str,
        ops: &[Op],
        value: impl Fn(&str) -> Result<Value>,
    ) -> Result<()> {
        self.tests(params, name, ops, |test| test.on(column, &value))
    }

    /// As [`Conditions::filter`], where the list makes SQL of a filter itself.
    pub(crate) fn tests(
        &mut self,
        params: &Params,
        name: &str,
        ops: &[Op],
        sql: impl Fn(Test) -> Result<Condition>,
    ) -> Result<()> {
        let given = params.all(name);
        if given.is_empty() {
            return Ok(());
        }
        let alternatives = given
            .into_iter()
            .map(|text| sql(Test::parse(name, text, ops)?))
            .collect::<Result<Vec<_>>>()
            .map_err(|error| error.of_field(name))?;
        let values: usize = alternatives.iter().map(|one| one.values.len()).sum();
        if values > MOST_VALUES {
            return Err(ApiError::bad(format!(
                "{name}: {values} values, {MOST_VALUES} are allowed."
            )));
        }
        self.any(alternatives);
        Ok(())
    }

    fn sql(&self) -> String {
        match self.sql.as_slice() {
            [] => "1".to_owned(),
            all => all.join(" AND "),
        }
    }
}

/// A page, and the cursors to those beside it.
#[derive(Debug)]
pub(crate) struct Slice<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// To the next page, if there is one.
    pub after: Option<String>,
    /// To the one before, if there is one.
    pub before: Option<String>,
}

/// Fetches a page: these columns out of these tables, where all conditions hold.
pub(crate) fn page<T>(
    db: &Connection,
    (columns, tables): (&str, &str),
    wanted: &Conditions,
    order: &Order,
    asked: &Asked,
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Slice<T>> {
    let mut wanted = wanted.clone();
    let backward = matches!(asked.start, Start::Before(_));
    if let Start::After(place) | Start::Before(place) = &asked.start {
        let edge = beyond(order, place, backward)?;
        wanted.and(edge.sql, edge.values);
    }
    let keys: Vec<&str> = order.keys.iter().map(|(sql, _)| *sql).collect();
    let by: Vec<String> = order
        .keys
        .iter()
        .map(|(sql, descends)| {
            let direction = if *descends == backward { "ASC" } else { "DESC" };
            format!("{sql} {direction}")
        })
        .collect();
    // One more than asked for tells whether there is another page.
    let limit = asked.limit.filter(|limit| *limit > 0);
    let statement = format!(
        "SELECT {columns}, {} FROM {tables} WHERE {} ORDER BY {} LIMIT {}",
        keys.join(", "),
        wanted.sql(),
        by.join(", "),
        limit.map_or(-1, |limit| limit.saturating_add(1)),
    );
    let mut statement = db.prepare_cached(&statement)?;
    let first_key = statement.column_count() - keys.len();
    let mut rows = statement.query(params_from_iter(&wanted.values))?;
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
        // Of a page without an end nobody needs the places.
        if size.is_some() {
            let place = key_values(row, first_key)?;
            let (first, _) = edges.take().unwrap_or((place.clone(), Vec::new()));
            edges = Some((first, place));
        }
    }
    let (mut first, mut last) = edges.unzip();
    if backward {
        items.reverse();
        std::mem::swap(&mut first, &mut last);
    }
    let (has_before, has_after) = match asked.start {
        Start::First => (false, more),
        Start::After(_) => (true, more),
        Start::Before(_) => (more, true),
    };
    let cursor = |there: bool, place: Option<Vec<serde_json::Value>>| {
        let place = place.filter(|_| there);
        place.map(|place| asked.cursor(place)).transpose()
    };
    Ok(Slice {
        items,
        after: cursor(has_after, last)?,
        before: cursor(has_before, first)?,
    })
}

/// How many rows there are in these tables where all conditions hold.
pub(crate) fn count(db: &Connection, tables: &str, wanted: &Conditions) -> Result<i64> {
    let statement = format!("SELECT count(*) FROM {tables} WHERE {}", wanted.sql());
    let mut statement = db.prepare_cached(&statement)?;
    Ok(statement.query_row(params_from_iter(&wanted.values), |row| row.get(0))?)
}

/// What is beyond a place, in the order or against it.
fn beyond(order: &Order, place: &[serde_json::Value], backward: bool) -> Result<Condition> {
    let refused = || ApiError::bad("after: not a cursor that this list has given out.");
    if place.len() != order.keys.len() {
        return Err(refused());
    }
    let place = place
        .iter()
        .map(|value| match (value.as_i64(), value.as_str()) {
            (Some(number), _) => Ok(Value::Integer(number)),
            (_, Some(text)) => Ok(Value::Text(text.to_owned())),
            _ => Err(refused()),
        })
        .collect::<Result<Vec<_>>>()?;
    let mut alternatives = Vec::new();
    let mut values = Vec::new();
    let mut same = String::new();
    let mut before = Vec::new();
    for ((sql, descends), value) in order.keys.iter().zip(place) {
        let than = if *descends == backward { ">" } else { "<" };
        alternatives.push(format!("({same}{sql} {than} ?)"));
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
    use super::super::{Key, Ways, integer, text};
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

    fn things(ids: impl IntoIterator<Item = i64>) -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE things (id INTEGER PRIMARY KEY, size INTEGER, name TEXT)")
            .unwrap();
        for id in ids {
            add(&db, id);
        }
        db
    }

    fn add(db: &Connection, id: i64) {
        let name = format!("Thing {id}");
        db.execute("INSERT INTO things VALUES (?, ?, ?)", (id, id % 3, name))
            .unwrap();
    }

    fn fetch(db: &Connection, query: &[(&str, &str)]) -> Result<Slice<i64>> {
        let asked = Params::of(query).asked("things", &["name", "id", "order"], Ways::Both)?;
        let order = Order::parse(&asked.params, KEYS, "asc(id)", "asc(id)")?;
        let mut wanted = Conditions::default();
        wanted.filter(&asked.params, "name", "name", &[Op::Like, Op::Or], text)?;
        wanted.filter(&asked.params, "id", "id", Op::ORDERED, integer)?;
        page(db, ("id", "things"), &wanted, &order, &asked, |row| {
            Ok(row.get(0)?)
        })
    }

    #[test]
    fn pages_follow_one_another_and_lead_back() {
        let db = things(1..=7);
        let first = fetch(&db, &[("limit", "3"), ("order", "desc(size)")]).unwrap();
        assert_eq!((first.items, first.before), (vec![2, 5, 1], None));
        let after = first.after.unwrap();
        let second = fetch(&db, &[("limit", "3"), ("after", &after)]).unwrap();
        assert_eq!(second.items, [4, 7, 3]);
        let after = second.after.unwrap();
        // The cursor knows the limit, too.
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
    fn rows_that_come_meanwhile_neither_double_nor_hide_others() {
        let db = things((1..=9).map(|id| id * 10));
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
    fn filters_are_alternatives_and_all_apply() {
        let db = things(1..=12);
        let found = |query: &[(&str, &str)]| fetch(&db, query).unwrap().items;
        assert_eq!(found(&[("name", "like(THING 1)")]), [1, 10, 11, 12]);
        assert_eq!(
            found(&[("name", "like(thing 1)"), ("id", "gt(10)")]),
            [11, 12]
        );
        assert_eq!(found(&[("name", "or(Thing 1,Thing 3)")]), [1, 3]);
        assert_eq!(found(&[("name", "Thing 1"), ("name", "Thing 4")]), [1, 4]);
        assert_eq!(found(&[("id", "le(2)"), ("unknown", "x")]), [1, 2]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let db = things(1..=9);
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
        let many = format!("or({})", vec!["x"; MOST_VALUES + 1].join(","));
        assert!(fetch(&db, &[("name", &many)]).is_err());
        let repeated = vec![("id", "1"); MOST_VALUES];
        assert_eq!(fetch(&db, &repeated).unwrap().items, [1]);
    }
}
