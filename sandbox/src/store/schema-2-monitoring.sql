-- Tasks, activities and alerts. State and progress are computed from the times. Rows with a time in the future are not
-- visible yet.

-- The common columns of all runs of a policy on a machine.
CREATE TABLE task_series (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant        INTEGER NOT NULL REFERENCES tenants (number) DEFERRABLE INITIALLY DEFERRED,
    type          TEXT NOT NULL,
    queue         TEXT NOT NULL,
    started_by    TEXT NOT NULL,
    policy_id     TEXT, -- null without a plan
    policy_name   TEXT,
    policy_type   TEXT,
    resource_id   TEXT NOT NULL,
    resource_name TEXT NOT NULL,
    agent_id      TEXT NOT NULL
);
CREATE INDEX task_series_by_resource ON task_series (resource_id, type);

CREATE TABLE tasks (
    id           INTEGER PRIMARY KEY, -- increases with the time of enqueuing
    uuid         TEXT NOT NULL,
    series       INTEGER NOT NULL REFERENCES task_series (number) DEFERRABLE INITIALLY DEFERRED,
    enqueued_at  INTEGER NOT NULL,
    started_at   INTEGER NOT NULL,
    completed_at INTEGER NOT NULL,
    outcome      TEXT NOT NULL, -- after completion
    bytes        INTEGER NOT NULL
);

CREATE TABLE activities (
    id           INTEGER PRIMARY KEY,
    uuid         TEXT NOT NULL,
    task_id      INTEGER NOT NULL,
    parent_id    INTEGER,
    started_at   INTEGER NOT NULL,
    completed_at INTEGER NOT NULL
);

-- The times of alerts are Unix nanoseconds, the precision of the filters.
CREATE TABLE alerts (
    id                TEXT PRIMARY KEY,
    tenant            INTEGER NOT NULL REFERENCES tenants (number) DEFERRABLE INITIALLY DEFERRED,
    type              TEXT NOT NULL,
    category          TEXT NOT NULL,
    severity          INTEGER NOT NULL, -- 0 ok, 1 information, 2 warning, 3 error, 4 critical
    affinity          TEXT NOT NULL DEFAULT '',
    source            TEXT,
    source_time_stamp INTEGER,
    plan_id           TEXT,
    plan_name         TEXT,
    resource_id       TEXT,
    resource_name     TEXT,
    details           TEXT NOT NULL, -- JSON
    created_at        INTEGER NOT NULL, -- the time given by the producer
    received_at       INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    deleted_at        INTEGER,
    false_positive    INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX alerts_by_creation ON alerts (created_at, id);

-- Registered or changed types, in addition to the built-in ones.
CREATE TABLE alert_types (
    id       TEXT PRIMARY KEY,
    enabled  INTEGER NOT NULL,
    severity INTEGER NOT NULL,
    category TEXT NOT NULL,
    document TEXT NOT NULL -- JSON; null for a built-in type
) WITHOUT ROWID;
