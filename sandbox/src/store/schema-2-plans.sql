-- Protection plans: policies and their applications.

CREATE TABLE plan_policies (
    number         INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT NOT NULL UNIQUE,
    root_id        TEXT NOT NULL, -- the root policy of the plan; for the root, its own id
    tenant_id      TEXT NOT NULL REFERENCES tenants (id),
    type           TEXT NOT NULL,
    name           TEXT NOT NULL DEFAULT '',
    enabled        INTEGER NOT NULL,
    is_default     INTEGER NOT NULL DEFAULT 0,
    favorite       INTEGER NOT NULL DEFAULT 0,
    favorite_order INTEGER,
    template       INTEGER NOT NULL DEFAULT 0,
    temporary      INTEGER NOT NULL DEFAULT 0,
    document       TEXT NOT NULL, -- origin, parent_ids, comment, settings_schema, ttl
    settings       TEXT, -- null without settings
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL
);
CREATE INDEX plan_policies_by_root ON plan_policies (root_id, number);

CREATE TABLE plan_applications (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    plan_id     TEXT NOT NULL, -- the root policy
    resource_id TEXT NOT NULL,
    tenant_id   TEXT NOT NULL REFERENCES tenants (id), -- of the machine
    agent_id    TEXT NOT NULL,
    enabled     INTEGER NOT NULL DEFAULT 1,
    origins     TEXT NOT NULL, -- what the plan was applied to: the machine itself, or groups
    runs        INTEGER NOT NULL DEFAULT 0,
    run_from    INTEGER, -- the last run, which may still be running
    run_until   INTEGER,
    outcome     TEXT NOT NULL DEFAULT 'ok', -- the outcome of the last run: ok, warning, error or cancelled
    success_at  INTEGER, -- the last success before that run
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    UNIQUE (plan_id, resource_id)
);
CREATE INDEX plan_applications_by_resource ON plan_applications (resource_id);
