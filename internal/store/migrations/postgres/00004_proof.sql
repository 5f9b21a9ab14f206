-- Proof: the nodes of each log's tree, the keys that sign it, what was signed,
-- who countersigned, who is sent checkpoints; and the backups that were made.
-- +goose Up

CREATE TABLE ledger_hashes (
  org_id TEXT NOT NULL REFERENCES ledger_heads (org_id),
  pos BIGINT NOT NULL CHECK (pos >= 0),
  hash BYTEA NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (org_id, pos)
);
CREATE INDEX ledger_entries_subject ON ledger_entries (org_id, subject, seq);

-- The secret is sealed, and goes when the key has been replaced. The public key stays.
CREATE TABLE signing_keys (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  id TEXT NOT NULL,
  public TEXT NOT NULL UNIQUE CHECK (public <> ''),
  secret TEXT NOT NULL DEFAULT '',
  by_user_id TEXT REFERENCES users (id),
  made_at TIMESTAMPTZ NOT NULL,
  signs_until TIMESTAMPTZ,
  PRIMARY KEY (org_id, id)
);

CREATE TABLE checkpoints (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  size BIGINT NOT NULL CHECK (size > 0),
  root BYTEA NOT NULL CHECK (length(root) = 32),
  note TEXT NOT NULL CHECK (note <> ''),
  cause TEXT NOT NULL CHECK (cause IN ('daily', 'notice', 'acknowledgement', 'receipt', 'asked')),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, size)
);

CREATE TABLE witnesses (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  id TEXT NOT NULL,
  public TEXT NOT NULL CHECK (public <> ''),
  label TEXT NOT NULL CHECK (label <> ''),
  kind TEXT NOT NULL CHECK (kind IN ('union', 'auditor', 'council')),
  union_id TEXT,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  ended_at TIMESTAMPTZ,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id),
  CHECK ((kind = 'union') = (union_id IS NOT NULL))
);
CREATE UNIQUE INDEX witnesses_key ON witnesses (org_id, public) WHERE ended_at IS NULL;

CREATE TABLE cosignatures (
  org_id TEXT NOT NULL,
  size BIGINT NOT NULL,
  witness_id TEXT NOT NULL,
  line TEXT NOT NULL CHECK (line <> ''),
  signed_at TIMESTAMPTZ NOT NULL,
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, size, witness_id),
  FOREIGN KEY (org_id, size) REFERENCES checkpoints (org_id, size),
  FOREIGN KEY (org_id, witness_id) REFERENCES witnesses (org_id, id)
);

-- Where a union is sent each day's checkpoint, because it asked.
CREATE TABLE checkpoint_addresses (
  org_id TEXT NOT NULL,
  union_id TEXT NOT NULL,
  address TEXT NOT NULL CHECK (address <> ''),
  language TEXT NOT NULL CHECK (language IN ('en', 'cy')),
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, union_id),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id)
);

-- The backups of this installation, whosever records are in them.
CREATE TABLE backups (
  id TEXT PRIMARY KEY,
  at TIMESTAMPTZ NOT NULL,
  folder TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  bytes BIGINT NOT NULL DEFAULT 0 CHECK (bytes >= 0),
  sha256 TEXT NOT NULL DEFAULT '',
  entries BIGINT NOT NULL DEFAULT 0 CHECK (entries >= 0),
  encrypted BOOLEAN NOT NULL,
  failed TEXT NOT NULL DEFAULT '',
  removed_at TIMESTAMPTZ
);
CREATE INDEX backups_at ON backups (at);

-- What is frozen stays frozen, whoever asks.
CREATE TRIGGER ledger_hashes_frozen BEFORE UPDATE OR DELETE ON ledger_hashes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_hashes_no_truncate BEFORE TRUNCATE ON ledger_hashes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoints_frozen BEFORE UPDATE OR DELETE ON checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoints_no_truncate BEFORE TRUNCATE ON checkpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER cosignatures_frozen BEFORE UPDATE OR DELETE ON cosignatures FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER cosignatures_no_truncate BEFORE TRUNCATE ON cosignatures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- +goose StatementBegin
CREATE FUNCTION ledger_heads_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.org_id <> OLD.org_id OR NEW.size < OLD.size THEN RAISE EXCEPTION 'frozen: a log only grows'; END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER ledger_heads_grow BEFORE UPDATE ON ledger_heads FOR EACH ROW EXECUTE FUNCTION ledger_heads_grow();
CREATE TRIGGER ledger_heads_kept BEFORE DELETE ON ledger_heads FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_heads_no_truncate BEFORE TRUNCATE ON ledger_heads FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- +goose StatementBegin
CREATE FUNCTION signing_keys_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.public <> OLD.public OR NEW.org_id <> OLD.org_id OR NEW.made_at <> OLD.made_at THEN RAISE EXCEPTION 'frozen: a public key stays'; END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER signing_keys_stay BEFORE UPDATE ON signing_keys FOR EACH ROW EXECUTE FUNCTION signing_keys_stay();
CREATE TRIGGER signing_keys_kept BEFORE DELETE ON signing_keys FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signing_keys_no_truncate BEFORE TRUNCATE ON signing_keys FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- +goose StatementBegin
CREATE FUNCTION witnesses_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.public <> OLD.public OR NEW.org_id <> OLD.org_id OR NEW.label <> OLD.label OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS NULL) THEN RAISE EXCEPTION 'frozen: a witness stays who it was'; END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER witnesses_stay BEFORE UPDATE ON witnesses FOR EACH ROW EXECUTE FUNCTION witnesses_stay();
CREATE TRIGGER witnesses_kept BEFORE DELETE ON witnesses FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER witnesses_no_truncate BEFORE TRUNCATE ON witnesses FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TRIGGER ledger_heads_grow ON ledger_heads;
DROP TRIGGER ledger_heads_kept ON ledger_heads;
DROP TRIGGER ledger_heads_no_truncate ON ledger_heads;
DROP TABLE backups;
DROP TABLE checkpoint_addresses;
DROP TABLE cosignatures;
DROP TABLE witnesses;
DROP TABLE checkpoints;
DROP TABLE signing_keys;
DROP INDEX ledger_entries_subject;
DROP TABLE ledger_hashes;
DROP FUNCTION witnesses_stay;
DROP FUNCTION signing_keys_stay;
DROP FUNCTION ledger_heads_grow;
