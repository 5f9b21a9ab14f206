-- Proof: the nodes of each log's tree, the keys that sign it, what was signed,
-- who countersigned, who is sent checkpoints; and the backups that were made.
-- +goose Up

CREATE TABLE ledger_hashes (
  org_id TEXT NOT NULL REFERENCES ledger_heads (org_id),
  pos BIGINT NOT NULL CHECK (pos >= 0),
  hash BLOB NOT NULL CHECK (length(hash) = 32),
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
  made_at TIMESTAMP NOT NULL,
  signs_until TIMESTAMP,
  PRIMARY KEY (org_id, id)
);

CREATE TABLE checkpoints (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  size BIGINT NOT NULL CHECK (size > 0),
  root BLOB NOT NULL CHECK (length(root) = 32),
  note TEXT NOT NULL CHECK (note <> ''),
  cause TEXT NOT NULL CHECK (cause IN ('daily', 'notice', 'acknowledgement', 'receipt', 'asked')),
  at TIMESTAMP NOT NULL,
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
  at TIMESTAMP NOT NULL,
  ended_at TIMESTAMP,
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
  signed_at TIMESTAMP NOT NULL,
  at TIMESTAMP NOT NULL,
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
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, union_id),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id)
);

-- The backups of this installation, whosever records are in them.
CREATE TABLE backups (
  id TEXT PRIMARY KEY,
  at TIMESTAMP NOT NULL,
  folder TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  bytes BIGINT NOT NULL DEFAULT 0 CHECK (bytes >= 0),
  sha256 TEXT NOT NULL DEFAULT '',
  entries BIGINT NOT NULL DEFAULT 0 CHECK (entries >= 0),
  encrypted BOOLEAN NOT NULL,
  failed TEXT NOT NULL DEFAULT '',
  removed_at TIMESTAMP
);
CREATE INDEX backups_at ON backups (at);

-- What is frozen stays frozen, whoever asks.
-- +goose StatementBegin
CREATE TRIGGER ledger_hashes_refuse_update BEFORE UPDATE ON ledger_hashes
BEGIN SELECT RAISE(ABORT, 'frozen: ledger_hashes are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_hashes_refuse_delete BEFORE DELETE ON ledger_hashes
BEGIN SELECT RAISE(ABORT, 'frozen: ledger_hashes are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_hashes_refuse_replace BEFORE INSERT ON ledger_hashes
WHEN EXISTS (SELECT 1 FROM ledger_hashes o WHERE o.org_id = NEW.org_id AND o.pos = NEW.pos)
BEGIN SELECT RAISE(ABORT, 'frozen: ledger_hashes are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER checkpoints_refuse_update BEFORE UPDATE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'frozen: checkpoints are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER checkpoints_refuse_delete BEFORE DELETE ON checkpoints
BEGIN SELECT RAISE(ABORT, 'frozen: checkpoints are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER checkpoints_refuse_replace BEFORE INSERT ON checkpoints
WHEN EXISTS (SELECT 1 FROM checkpoints o WHERE o.org_id = NEW.org_id AND o.size = NEW.size)
BEGIN SELECT RAISE(ABORT, 'frozen: checkpoints are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER cosignatures_refuse_update BEFORE UPDATE ON cosignatures
BEGIN SELECT RAISE(ABORT, 'frozen: cosignatures are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER cosignatures_refuse_delete BEFORE DELETE ON cosignatures
BEGIN SELECT RAISE(ABORT, 'frozen: cosignatures are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER cosignatures_refuse_replace BEFORE INSERT ON cosignatures
WHEN EXISTS (SELECT 1 FROM cosignatures o WHERE o.org_id = NEW.org_id AND o.size = NEW.size AND o.witness_id = NEW.witness_id)
BEGIN SELECT RAISE(ABORT, 'frozen: cosignatures are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_heads_grow BEFORE UPDATE ON ledger_heads
WHEN NEW.org_id <> OLD.org_id OR NEW.size < OLD.size
BEGIN SELECT RAISE(ABORT, 'frozen: a log only grows'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_heads_stay BEFORE DELETE ON ledger_heads
BEGIN SELECT RAISE(ABORT, 'frozen: a log stays'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER signing_keys_stay BEFORE UPDATE ON signing_keys
WHEN NEW.public <> OLD.public OR NEW.org_id <> OLD.org_id OR NEW.made_at <> OLD.made_at
BEGIN SELECT RAISE(ABORT, 'frozen: a public key stays'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER signing_keys_kept BEFORE DELETE ON signing_keys
BEGIN SELECT RAISE(ABORT, 'frozen: public keys are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER witnesses_stay BEFORE UPDATE ON witnesses
WHEN NEW.public <> OLD.public OR NEW.org_id <> OLD.org_id OR NEW.label <> OLD.label OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS NULL)
BEGIN SELECT RAISE(ABORT, 'frozen: a witness stays who it was'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER witnesses_kept BEFORE DELETE ON witnesses
BEGIN SELECT RAISE(ABORT, 'frozen: witnesses are kept for good'); END;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER ledger_heads_grow;
DROP TRIGGER ledger_heads_stay;
DROP TABLE backups;
DROP TABLE checkpoint_addresses;
DROP TABLE cosignatures;
DROP TABLE witnesses;
DROP TABLE checkpoints;
DROP TABLE signing_keys;
DROP INDEX ledger_entries_subject;
DROP TABLE ledger_hashes;
