-- One-time tokens, login sessions, registration tokens.

CREATE TABLE one_time_tokens (
    token      TEXT PRIMARY KEY, -- hash
    user_id    TEXT NOT NULL REFERENCES users (id),
    purpose    TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE sessions (
    cookie     TEXT PRIMARY KEY, -- hash
    user_id    TEXT NOT NULL REFERENCES users (id),
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE registration_tokens (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    token      TEXT NOT NULL UNIQUE, -- in plain text, because lists return it
    tenant_id  TEXT NOT NULL REFERENCES tenants (id),
    scopes     TEXT NOT NULL, -- a JSON array of strings
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE INDEX registration_tokens_by_tenant ON registration_tokens (tenant_id);
