-- Agents and resources. A row with a time in the future is not visible yet.

CREATE TABLE agents (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT NOT NULL UNIQUE,
    tenant_id     TEXT NOT NULL REFERENCES tenants (id),
    hostname      TEXT NOT NULL,
    family        TEXT NOT NULL, -- WINDOWS, LINUX, MACOSX
    system        TEXT NOT NULL, -- Microsoft Windows 11 Pro
    build         INTEGER NOT NULL,
    online        INTEGER NOT NULL DEFAULT 1,
    registered_at INTEGER NOT NULL,
    registration  INTEGER -- the id of the registration token
);
CREATE INDEX agents_by_tenant ON agents (tenant_id);
CREATE INDEX agents_by_time ON agents (registered_at);

CREATE TABLE resources (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    tenant_id       TEXT NOT NULL REFERENCES tenants (id),
    type            TEXT NOT NULL, -- resource.machine, resource.group.computers
    name            TEXT NOT NULL,
    agent_id        TEXT, -- of a machine
    group_condition TEXT, -- of a dynamic group
    document        TEXT NOT NULL DEFAULT '{}', -- optional fields of a group
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
);
CREATE INDEX resources_by_tenant ON resources (tenant_id, type);
CREATE INDEX resources_by_agent ON resources (agent_id);

-- The members of static groups. The predefined group has no rows.
CREATE TABLE resource_parents (
    resource_id TEXT NOT NULL,
    group_id    TEXT NOT NULL,
    PRIMARY KEY (resource_id, group_id)
) WITHOUT ROWID;
CREATE INDEX resource_parents_by_group ON resource_parents (group_id);
