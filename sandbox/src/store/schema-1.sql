-- Times are Unix milliseconds, ids are UUIDs as text, documents are JSON as text.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE tenants (
    number           INTEGER PRIMARY KEY AUTOINCREMENT, -- the legacy integer id
    id               TEXT NOT NULL UNIQUE,
    parent_id        TEXT NOT NULL REFERENCES tenants (id) DEFERRABLE INITIALLY DEFERRED,
    path             TEXT NOT NULL, -- the numbers from the root to the tenant: /1/1496262/
    kind             TEXT NOT NULL,
    name             TEXT NOT NULL,
    customer_type    TEXT NOT NULL DEFAULT 'default',
    customer_id      TEXT,
    internal_tag     TEXT,
    language         TEXT NOT NULL DEFAULT 'en',
    contact          TEXT NOT NULL,
    search           TEXT NOT NULL DEFAULT '', -- the text that the search uses, in lower case
    enabled          INTEGER NOT NULL DEFAULT 1,
    version          INTEGER NOT NULL DEFAULT 1,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    deleted_at       INTEGER,
    owner_id         TEXT, -- the user of a personal tenant
    brand_id         INTEGER,
    brand_uuid       TEXT NOT NULL,
    brand_enabled    INTEGER NOT NULL DEFAULT 0,
    default_idp_id   TEXT NOT NULL,
    lock_owner_id    TEXT, -- null if not locked
    ancestral_access INTEGER NOT NULL DEFAULT 1,
    mfa_status       TEXT NOT NULL DEFAULT 'disabled'
);
CREATE INDEX tenants_by_parent ON tenants (parent_id, name);
CREATE INDEX tenants_by_path ON tenants (path);

CREATE TABLE pricing (
    tenant_id             TEXT PRIMARY KEY REFERENCES tenants (id),
    mode                  TEXT NOT NULL,
    currency              TEXT,
    version               INTEGER NOT NULL, -- Unix milliseconds
    production_start_date INTEGER
) WITHOUT ROWID;

CREATE TABLE users (
    number              INTEGER PRIMARY KEY AUTOINCREMENT,
    id                  TEXT NOT NULL UNIQUE,
    tenant_id           TEXT NOT NULL REFERENCES tenants (id),
    personal_tenant_id  TEXT,
    login               TEXT NOT NULL,
    login_key           TEXT NOT NULL, -- the login in lower case
    password            TEXT, -- salted hash
    contact             TEXT NOT NULL,
    search              TEXT NOT NULL DEFAULT '',
    activated           INTEGER NOT NULL DEFAULT 0,
    enabled             INTEGER NOT NULL DEFAULT 1,
    language            TEXT NOT NULL DEFAULT 'en',
    notifications       TEXT NOT NULL,
    business_types      TEXT NOT NULL DEFAULT '[]',
    idp_id              TEXT NOT NULL,
    external_id         TEXT,
    origin_id           TEXT,
    origin_external_id  TEXT,
    disable_after       INTEGER,
    terms_accepted      INTEGER NOT NULL DEFAULT 0,
    activation          TEXT, -- hash of the token in the last activation mail
    version             INTEGER NOT NULL DEFAULT 1,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    deleted_at          INTEGER
);
CREATE UNIQUE INDEX users_by_login ON users (login_key) WHERE deleted_at IS NULL;
CREATE INDEX users_by_tenant ON users (tenant_id);

CREATE TABLE policies (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id),
    tenant_id  TEXT NOT NULL REFERENCES tenants (id),
    role_id    TEXT NOT NULL,
    issuer_id  TEXT NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX policies_by_user ON policies (user_id);

CREATE TABLE clients (
    number                     INTEGER PRIMARY KEY AUTOINCREMENT,
    id                         TEXT NOT NULL UNIQUE,
    tenant_id                  TEXT NOT NULL REFERENCES tenants (id),
    type                       TEXT NOT NULL,
    data                       TEXT NOT NULL,
    role                       TEXT, -- the role of the creator in the tenant
    token_endpoint_auth_method TEXT NOT NULL,
    secret                     TEXT NOT NULL, -- salted hash
    redirect_uris              TEXT NOT NULL,
    origin_id                  TEXT,
    status                     TEXT NOT NULL DEFAULT 'enabled',
    created_at                 INTEGER NOT NULL,
    created_by                 TEXT NOT NULL,
    last_access_at             INTEGER,
    last_access_from_ip        TEXT,
    deleted_at                 INTEGER
);

-- The valid tokens. A signature alone does not make a token valid.
CREATE TABLE tokens (
    id         TEXT PRIMARY KEY, -- jti
    parent_id  TEXT REFERENCES tokens (id) ON DELETE CASCADE, -- the base token of a customer-scoped token
    client_id  TEXT,
    user_id    TEXT,
    scope_id   TEXT, -- the tenant of a customer-scoped token
    refresh    TEXT UNIQUE, -- hash of the refresh token
    expires_at INTEGER NOT NULL
);
CREATE INDEX tokens_by_parent ON tokens (parent_id);
CREATE INDEX tokens_by_expiry ON tokens (expires_at);

CREATE TABLE mails (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    recipient  TEXT NOT NULL,
    user_id    TEXT,
    subject    TEXT NOT NULL,
    body       TEXT NOT NULL,
    link       TEXT
);

CREATE TABLE bindings (
    tenant_id      TEXT NOT NULL REFERENCES tenants (id),
    application_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, application_id)
) WITHOUT ROWID;

-- The items of a tenant. The catalogue describes them; the type is repeated here for queries. infra_id is '' without a
-- storage.
CREATE TABLE offering_items (
    tenant_id      TEXT NOT NULL REFERENCES tenants (id),
    application_id TEXT NOT NULL,
    name           TEXT NOT NULL,
    infra_id       TEXT NOT NULL,
    type           TEXT NOT NULL,
    status         INTEGER NOT NULL,
    quota_value    INTEGER,
    quota_overage  INTEGER,
    quota_version  INTEGER NOT NULL DEFAULT 0,
    updated_at     INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, application_id, name, infra_id)
) WITHOUT ROWID;

CREATE TABLE usages (
    tenant_id      TEXT NOT NULL REFERENCES tenants (id),
    application_id TEXT NOT NULL,
    name           TEXT NOT NULL,
    infra_id       TEXT NOT NULL,
    base_value     INTEGER NOT NULL, -- at the time `since`
    daily_growth   INTEGER NOT NULL,
    since          INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, application_id, name, infra_id)
) WITHOUT ROWID;

CREATE TABLE reports (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    tenant_id  TEXT NOT NULL REFERENCES tenants (id),
    version    INTEGER NOT NULL DEFAULT 1,
    document   TEXT NOT NULL, -- parameters, schedule, result_action, recipients, generation_date
    created_at INTEGER NOT NULL
);
CREATE INDEX reports_by_tenant ON reports (tenant_id);

CREATE TABLE stored_reports (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT NOT NULL UNIQUE,
    report_id     TEXT NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    report_format TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    ready_at      INTEGER NOT NULL,
    content       BLOB
);
CREATE INDEX stored_reports_by_report ON stored_reports (report_id);
