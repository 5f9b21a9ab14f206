-- Accounts and access: who people are, how they prove it, what they were given
-- and for how long, and a log of it that is kept apart from the register's.
-- +goose Up
ALTER TABLE users ADD COLUMN kind TEXT NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'service'));
ALTER TABLE users ADD COLUMN email_verified_at TIMESTAMPTZ;
ALTER TABLE users ADD COLUMN removed_at TIMESTAMPTZ;

-- Whoever added these people vouched for their addresses.
UPDATE users SET email_verified_at = created_at;

-- A role may be lent, suspended and ended; its row stays.
DROP INDEX memberships_once;
ALTER TABLE memberships DROP CONSTRAINT memberships_role_check;
ALTER TABLE memberships ADD CONSTRAINT memberships_role_check CHECK (role IN ('cdo', 'manager', 'hr', 'assurer', 'approver', 'union_officer', 'union_rep', 'scrutiny', 'auditor', 'admin', 'service'));
ALTER TABLE memberships
  ADD COLUMN from_date DATE,
  ADD COLUMN to_date DATE CHECK (to_date IS NULL OR to_date >= from_date),
  ADD COLUMN delegated_by TEXT REFERENCES users (id),
  ADD COLUMN source TEXT NOT NULL DEFAULT '',
  ADD COLUMN suspended_at TIMESTAMPTZ,
  ADD COLUMN ended_at TIMESTAMPTZ,
  ADD COLUMN ended_by TEXT REFERENCES users (id),
  ADD COLUMN version INTEGER NOT NULL DEFAULT 1,
  ADD CHECK (delegated_by IS NULL OR (from_date IS NOT NULL AND to_date IS NOT NULL));
CREATE UNIQUE INDEX memberships_once ON memberships (org_id, user_id, role, COALESCE(service_area_id, ''), COALESCE(union_id, ''))
  WHERE ended_at IS NULL AND delegated_by IS NULL;
CREATE INDEX memberships_union ON memberships (org_id, union_id);
CREATE INDEX memberships_delegated ON memberships (org_id, delegated_by);

-- A session says whose it is and since when, so that its owner can end it.
-- Nobody stays signed in over this change.
DROP TABLE sessions;
CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  user_id TEXT REFERENCES users (id),
  org_id TEXT REFERENCES organisations (id),
  address TEXT NOT NULL DEFAULT '',
  agent TEXT NOT NULL DEFAULT '',
  began_at TIMESTAMPTZ NOT NULL,
  seen_at TIMESTAMPTZ NOT NULL,
  data BYTEA NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX sessions_user ON sessions (user_id, began_at);

ALTER TABLE tokens ADD COLUMN service_area_id TEXT;
ALTER TABLE tokens ADD COLUMN hint TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN second_factor BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE tokens ADD COLUMN issued_by TEXT REFERENCES users (id);
CREATE INDEX tokens_user ON tokens (user_id, created_at);
CREATE INDEX tokens_issued ON tokens (issued_by);

-- The addresses that a token was used from, each once.
CREATE TABLE token_addresses (
  token_id TEXT NOT NULL REFERENCES tokens (id),
  address TEXT NOT NULL,
  first_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (token_id, address)
);

CREATE TABLE passkeys (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  name TEXT NOT NULL CHECK (name <> ''),
  data BYTEA NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  last_used_at TIMESTAMPTZ
);
CREATE INDEX passkeys_user ON passkeys (user_id, created_at);

-- The secret is sealed under the installation's key.
CREATE TABLE totps (
  user_id TEXT PRIMARY KEY REFERENCES users (id),
  secret TEXT NOT NULL,
  last_step BIGINT NOT NULL DEFAULT 0,
  confirmed_at TIMESTAMPTZ,
  created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE recovery_codes (
  hash TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  used_at TIMESTAMPTZ,
  created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX recovery_codes_user ON recovery_codes (user_id);

-- Who somebody is at an identity provider: issuer and subject, never an address.
CREATE TABLE identities (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES users (id),
  created_at TIMESTAMPTZ NOT NULL,
  last_used_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_user ON identities (user_id);

-- Codes that were mailed. A code's hash is written when its mail is sent.
CREATE TABLE mailed_codes (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  purpose TEXT NOT NULL CHECK (purpose IN ('verify', 'reset')),
  email TEXT NOT NULL,
  hash TEXT UNIQUE,
  expires_at TIMESTAMPTZ NOT NULL,
  used_at TIMESTAMPTZ,
  created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX mailed_codes_user ON mailed_codes (user_id, purpose);
CREATE INDEX mailed_codes_expiry ON mailed_codes (expires_at);

CREATE TABLE invitations (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  id TEXT NOT NULL,
  hash TEXT UNIQUE,
  email TEXT NOT NULL CHECK (email <> ''),
  name TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'cy')),
  role TEXT NOT NULL,
  service_area_id TEXT,
  union_id TEXT,
  invited_by TEXT NOT NULL REFERENCES users (id),
  created_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL,
  accepted_at TIMESTAMPTZ,
  accepted_by TEXT REFERENCES users (id),
  revoked_at TIMESTAMPTZ,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, service_area_id) REFERENCES service_areas (org_id, id),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id),
  CHECK ((role IN ('union_officer', 'union_rep')) = (union_id IS NOT NULL))
);
CREATE INDEX invitations_sent ON invitations (org_id, created_at, id);

-- Attempts are counted under a keyed hash of the account or address tried.
CREATE TABLE attempts (
  mark TEXT PRIMARY KEY,
  failures INTEGER NOT NULL,
  last_at TIMESTAMPTZ NOT NULL,
  until TIMESTAMPTZ NOT NULL
);
CREATE INDEX attempts_last ON attempts (last_at);

CREATE TABLE security_events (
  id TEXT PRIMARY KEY,
  org_id TEXT REFERENCES organisations (id),
  at TIMESTAMPTZ NOT NULL,
  kind TEXT NOT NULL CHECK (kind <> ''),
  user_id TEXT,
  actor_id TEXT,
  union_id TEXT,
  address TEXT NOT NULL DEFAULT '',
  agent TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX security_events_at ON security_events (org_id, at, id);
CREATE INDEX security_events_kind ON security_events (org_id, kind, at, id);
CREATE INDEX security_events_user ON security_events (user_id, at, id);
-- +goose StatementBegin
CREATE FUNCTION security_events_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'frozen: an event of the security log is never changed'; END $$;
-- +goose StatementEnd
CREATE TRIGGER security_events_stay BEFORE UPDATE ON security_events FOR EACH ROW EXECUTE FUNCTION security_events_stay();

CREATE TABLE access_settings (
  org_id TEXT PRIMARY KEY REFERENCES organisations (id),
  second_factor_roles TEXT NOT NULL DEFAULT '[]',
  security_log_days INTEGER NOT NULL CHECK (security_log_days BETWEEN 30 AND 3650),
  invitation_days INTEGER NOT NULL CHECK (invitation_days BETWEEN 7 AND 3650),
  version INTEGER NOT NULL
);

-- A branch says itself that an address is its own.
ALTER TABLE service_addresses ADD COLUMN confirmed_at TIMESTAMPTZ;
ALTER TABLE service_addresses ADD COLUMN confirmed_by TEXT REFERENCES users (id);

-- In whose stead the first signature was given, when it was in somebody's.
ALTER TABLE overrides ADD COLUMN requested_for TEXT REFERENCES users (id);
