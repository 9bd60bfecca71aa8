use std::{fs, thread};

use super::*;

fn object(kind: ObjectKind, name: &str, parent: &str) -> NewObject {
    NewObject {
        kind,
        name: name.to_owned(),
        parent: Some(id(parent)),
    }
}

fn id(text: &str) -> Id {
    Id::try_from(text.to_owned()).unwrap()
}

fn log(home: &Home) -> CreatedLog {
    home.created_log("https://platform.test/").unwrap()
}

fn home() -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path());
    (folder, home)
}

/// Names and ids of the objects that may still exist.
fn remaining(log: &CreatedLog) -> Vec<(String, Option<String>)> {
    let objects = log.objects().unwrap().remaining.into_iter();
    objects
        .map(|object| (object.name, object.id.map(|id| id.to_string())))
        .collect()
}

fn pair(name: &str, id: Option<&str>) -> (String, Option<String>) {
    (name.to_owned(), id.map(str::to_owned))
}

#[test]
fn an_object_has_an_id_after_its_creation_and_disappears_when_it_is_deleted() {
    let (_folder, home) = home();
    let log = log(&home);
    assert_eq!(remaining(&log), []);

    let entry = log.creating(&object(ObjectKind::Tenant, "P", "me"));
    assert_eq!(remaining(&log), [pair("P", None)]);
    entry.unwrap().created(id("p"));
    assert_eq!(remaining(&log), [pair("P", Some("p"))]);
    log.deleted(&id("other"));
    assert_eq!(remaining(&log), [pair("P", Some("p"))]);
    log.deleted(&id("p"));
    assert_eq!(remaining(&log), []);

    let text = fs::read_to_string(home.path(CREATED_LOG)).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
}

#[test]
fn an_object_that_was_not_created_is_not_listed() {
    let (_folder, home) = home();
    let log = log(&home);
    let rejected = log.creating(&object(ObjectKind::User, "ada", "me"));
    rejected.unwrap().not_created();
    assert_eq!(remaining(&log), []);
}

#[test]
fn what_belongs_to_a_deleted_object_is_deleted_too() {
    let (_folder, home) = home();
    let log = log(&home);
    for (kind, name, parent) in [
        (ObjectKind::Tenant, "partner", "me"),
        (ObjectKind::Tenant, "customer", "partner"),
        (ObjectKind::User, "user", "customer"),
        (ObjectKind::RegistrationToken, "token", "user"),
        (ObjectKind::Tenant, "other", "me"),
    ] {
        let entry = log.creating(&object(kind, name, parent)).unwrap();
        entry.created(id(name));
    }
    log.deleted(&id("partner"));
    assert_eq!(remaining(&log), [pair("other", Some("other"))]);
}

#[test]
fn each_platform_has_its_own_objects() {
    let (_folder, home) = home();
    let log = log(&home);
    let other = home.created_log("https://other.test/").unwrap();
    for log in [&log, &other] {
        let entry = log.creating(&object(ObjectKind::Tenant, "P", "me"));
        entry.unwrap().created(id("p"));
    }
    other.deleted(&id("p"));
    assert_eq!(remaining(&other), []);
    assert_eq!(remaining(&log), [pair("P", Some("p"))]);
}

#[test]
fn a_torn_line_spoils_no_other_line() {
    let (_folder, home) = home();
    let log = log(&home);
    log.creating(&object(ObjectKind::Tenant, "before", "me"))
        .unwrap();
    let mut text = fs::read(home.path(CREATED_LOG)).unwrap();
    text.extend_from_slice(br#"{"entry":"#);
    fs::write(home.path(CREATED_LOG), text).unwrap();
    log.creating(&object(ObjectKind::Tenant, "after", "me"))
        .unwrap();

    let list = log.read().unwrap();
    assert_eq!(list.unreadable, [2]);
    assert_eq!(remaining(&log), [pair("before", None), pair("after", None)]);
}

#[test]
fn foreign_lines_are_not_objects() {
    let entry = Uuid::new_v4();
    let of = |rest: &str| format!(r#"{{"entry":"{entry}","time":"t",{rest}}}"#);
    let creating = |id: &str| {
        of(&format!(
            r#""event":"creating","platform":"p","kind":"tenant","name":"N","parent":"{id}""#
        ))
    };
    for (line, is_readable) in [
        (creating("me"), true),
        (String::new(), true),
        (creating("../x"), false),
        (of(r#""event":"renamed""#), false),
        (of(r#""event":"created","id":"i""#), false),
        ("[1]".to_owned(), false),
        ("\u{0}".to_owned(), false),
    ] {
        let list = List::parse(line.as_bytes());
        assert_eq!(list.unreadable.is_empty(), is_readable, "{line}");
    }
}

#[test]
fn lines_that_are_added_at_the_same_time_stay_complete() {
    let (_folder, home) = home();
    let log = log(&home);
    thread::scope(|scope| {
        for thread in 0..8 {
            let log = &log;
            scope.spawn(move || {
                for number in 0..5 {
                    let name = format!("{thread}-{number}");
                    let new = object(ObjectKind::Tenant, &name, "me");
                    log.creating(&new).unwrap().created(id(&name));
                }
            });
        }
    });
    let list = log.read().unwrap();
    assert_eq!(list.unreadable, [0; 0]);
    let objects = log.objects().unwrap().remaining;
    assert_eq!(objects.len(), 40);
    assert!(objects.iter().all(|it| it.id.as_deref() == Some(&*it.name)));
}

#[test]
fn without_a_folder_there_is_no_record() {
    assert!(Home::in_memory().created_log("p").is_none());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_record() {
    use std::os::unix::fs::PermissionsExt;

    let (_folder, home) = home();
    log(&home)
        .creating(&object(ObjectKind::Tenant, "P", "me"))
        .unwrap();
    let mode = fs::metadata(home.path(CREATED_LOG))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o7777, 0o600);
}
