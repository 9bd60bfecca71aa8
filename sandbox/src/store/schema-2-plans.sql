-- Protection plans: policies, and what they are applied to.

CREATE TABLE plan_policies (
    number         INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT NOT NULL UNIQUE,
    root_id        TEXT NOT NULL, -- the plan it is part of: its own id for the plan itself
    tenant_id      TEXT NOT NULL REFERENCES tenants (id),
    type           TEXT NOT NULL,
    name           TEXT NOT NULL DEFAULT '',
    enabled        INTEGER NOT NULL,
    is_default     INTEGER NOT NULL DEFAULT 0,
    favorite       INTEGER NOT NULL DEFAULT 0,
    favorite_order INTEGER,
    template       INTEGER NOT NULL DEFAULT 0,
    temporary      INTEGER NOT NULL DEFAULT 0,
    document       TEXT NOT NULL, -- parent_ids, origin, comment, settings_schema and so on
    settings       TEXT, -- null: none
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
    origins     TEXT NOT NULL, -- the machine itself where applied to it, and the groups it has the plan from
    runs        INTEGER NOT NULL DEFAULT 0,
    run_from    INTEGER, -- of the last run, which may still go on
    run_until   INTEGER,
    outcome     TEXT NOT NULL DEFAULT 'ok', -- of the last run: ok, warning, error, cancelled
    success_at  INTEGER, -- the last success before that run
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    UNIQUE (plan_id, resource_id)
);
CREATE INDEX plan_applications_by_resource ON plan_applications (resource_id);
