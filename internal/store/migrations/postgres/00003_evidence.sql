-- Evidence: claims, the plans that were locked for them, rows that were read
-- and frozen, results, challenges, and where a gain went.
-- +goose Up

-- An employer's own definitions. Each row stays; the last one of a key is in force.
CREATE TABLE metrics (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  key TEXT NOT NULL CHECK (key <> ''),
  no INTEGER NOT NULL CHECK (no > 0),
  body TEXT NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, key, no)
);

CREATE TABLE claims (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  ref TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  sentence_en TEXT NOT NULL DEFAULT '',
  sentence_cy TEXT NOT NULL DEFAULT '',
  plan_json TEXT NOT NULL,
  withdrawn_at TIMESTAMPTZ,
  withdrawn_reason TEXT NOT NULL DEFAULT '',
  by_user_id TEXT NOT NULL REFERENCES users (id),
  created_at TIMESTAMPTZ NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, ref),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id),
  CHECK (sentence_en <> '' OR sentence_cy <> ''),
  CHECK ((withdrawn_at IS NULL) = (withdrawn_reason = ''))
);
CREATE INDEX claims_deployment ON claims (org_id, deployment_id, created_at, id);
CREATE INDEX claims_made ON claims (org_id, created_at, id);

CREATE TABLE claim_plans (
  org_id TEXT NOT NULL,
  claim_id TEXT NOT NULL,
  no INTEGER NOT NULL CHECK (no > 0),
  body TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  reason TEXT NOT NULL DEFAULT '',
  after_look BOOLEAN NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, claim_id, no),
  FOREIGN KEY (org_id, claim_id) REFERENCES claims (org_id, id),
  CHECK (no = 1 OR reason <> '')
);

CREATE TABLE datasets (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  claim_id TEXT NOT NULL,
  no INTEGER NOT NULL CHECK (no > 0),
  plan_no INTEGER NOT NULL,
  file_name TEXT NOT NULL DEFAULT '',
  format TEXT NOT NULL CHECK (format IN ('CSV', 'XLSX')),
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  rows_sha256 TEXT NOT NULL CHECK (length(rows_sha256) = 64),
  rows INTEGER NOT NULL CHECK (rows > 0),
  outside INTEGER NOT NULL,
  workers INTEGER NOT NULL,
  missing TEXT NOT NULL DEFAULT '{}',
  secret TEXT,
  chunks INTEGER NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  purge_on DATE NOT NULL,
  purged_at TIMESTAMPTZ,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, claim_id, no),
  FOREIGN KEY (org_id, claim_id, plan_no) REFERENCES claim_plans (org_id, claim_id, no),
  CHECK ((purged_at IS NULL) = (secret IS NOT NULL))
);
CREATE INDEX datasets_purge ON datasets (purge_on) WHERE purged_at IS NULL;

-- The rows, compressed; they go when the dataset has been purged and not before.
CREATE TABLE dataset_chunks (
  org_id TEXT NOT NULL,
  dataset_id TEXT NOT NULL,
  no INTEGER NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (org_id, dataset_id, no),
  FOREIGN KEY (org_id, dataset_id) REFERENCES datasets (org_id, id)
);

CREATE TABLE challenges (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  no TEXT NOT NULL,
  claim_id TEXT NOT NULL,
  union_id TEXT NOT NULL,
  ground TEXT NOT NULL CHECK (ground IN ('baseline', 'sample', 'metric', 'exclusion', 'attribution', 'reinvestment')),
  body TEXT NOT NULL CHECK (body <> ''),
  question TEXT NOT NULL DEFAULT '',
  figures TEXT NOT NULL DEFAULT '',
  due_on DATE NOT NULL,
  result_no INTEGER NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, no),
  FOREIGN KEY (org_id, claim_id) REFERENCES claims (org_id, id),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id)
);
CREATE INDEX challenges_claim ON challenges (org_id, claim_id, at, id);

CREATE TABLE challenge_answers (
  org_id TEXT NOT NULL,
  challenge_id TEXT NOT NULL,
  finding TEXT NOT NULL CHECK (finding IN ('upheld', 'upheld_in_part', 'not_upheld')),
  answer TEXT NOT NULL CHECK (answer <> ''),
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, challenge_id),
  FOREIGN KEY (org_id, challenge_id) REFERENCES challenges (org_id, id)
);

CREATE TABLE challenge_closings (
  org_id TEXT NOT NULL,
  challenge_id TEXT NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, challenge_id),
  FOREIGN KEY (org_id, challenge_id) REFERENCES challenges (org_id, id)
);

CREATE TABLE claim_results (
  org_id TEXT NOT NULL,
  claim_id TEXT NOT NULL,
  no INTEGER NOT NULL CHECK (no > 0),
  plan_no INTEGER NOT NULL,
  dataset_id TEXT NOT NULL,
  challenge_id TEXT,
  body TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  grade TEXT NOT NULL CHECK (grade IN ('E0', 'E1', 'E2', 'E3', 'E4', 'E5')),
  verdict TEXT NOT NULL CHECK (verdict IN ('supported', 'supported_in_part', 'not_shown', 'contradicted')),
  unfinished BOOLEAN NOT NULL,
  rails TEXT NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, claim_id, no),
  FOREIGN KEY (org_id, claim_id, plan_no) REFERENCES claim_plans (org_id, claim_id, no),
  FOREIGN KEY (org_id, dataset_id) REFERENCES datasets (org_id, id),
  FOREIGN KEY (org_id, challenge_id) REFERENCES challenges (org_id, id)
);

-- The results up to a number were shared with the unions.
CREATE TABLE claim_shares (
  org_id TEXT NOT NULL,
  claim_id TEXT NOT NULL,
  result_no INTEGER NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, claim_id, result_no),
  FOREIGN KEY (org_id, claim_id, result_no) REFERENCES claim_results (org_id, claim_id, no)
);

CREATE TABLE claim_runs (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  claim_id TEXT NOT NULL,
  challenge_id TEXT,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'refused', 'cancelled')),
  percent INTEGER NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100),
  result_no INTEGER,
  refusal TEXT NOT NULL DEFAULT '',
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  ended_at TIMESTAMPTZ,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, claim_id) REFERENCES claims (org_id, id),
  FOREIGN KEY (org_id, challenge_id) REFERENCES challenges (org_id, id),
  CHECK ((state IN ('done', 'refused', 'cancelled')) = (ended_at IS NOT NULL)),
  CHECK ((state = 'done') = (result_no IS NOT NULL))
);
CREATE INDEX claim_runs_claim ON claim_runs (org_id, claim_id, at, id);

CREATE TABLE reinvestments (
  org_id TEXT NOT NULL,
  claim_id TEXT NOT NULL,
  month INTEGER NOT NULL CHECK (month IN (0, 3, 6, 12)),
  due_on DATE NOT NULL,
  shares TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  by_user_id TEXT REFERENCES users (id),
  at TIMESTAMPTZ,
  asked_at TIMESTAMPTZ,
  PRIMARY KEY (org_id, claim_id, month),
  FOREIGN KEY (org_id, claim_id) REFERENCES claims (org_id, id),
  CHECK ((shares = '') = (at IS NULL))
);
CREATE INDEX reinvestments_due ON reinvestments (org_id, due_on) WHERE shares = '';
CREATE INDEX reinvestments_unasked ON reinvestments (due_on) WHERE asked_at IS NULL;

CREATE TRIGGER metrics_frozen BEFORE UPDATE OR DELETE ON metrics FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER metrics_no_truncate BEFORE TRUNCATE ON metrics FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_plans_frozen BEFORE UPDATE OR DELETE ON claim_plans FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_plans_no_truncate BEFORE TRUNCATE ON claim_plans FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER challenges_frozen BEFORE UPDATE OR DELETE ON challenges FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER challenges_no_truncate BEFORE TRUNCATE ON challenges FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER challenge_answers_frozen BEFORE UPDATE OR DELETE ON challenge_answers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER challenge_answers_no_truncate BEFORE TRUNCATE ON challenge_answers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER challenge_closings_frozen BEFORE UPDATE OR DELETE ON challenge_closings FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER challenge_closings_no_truncate BEFORE TRUNCATE ON challenge_closings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_results_frozen BEFORE UPDATE OR DELETE ON claim_results FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_results_no_truncate BEFORE TRUNCATE ON claim_results FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_shares_frozen BEFORE UPDATE OR DELETE ON claim_shares FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_shares_no_truncate BEFORE TRUNCATE ON claim_shares FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A dataset is only ever purged; then its rows go, and its hash stays.
-- +goose StatementBegin
CREATE FUNCTION datasets_only_purge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.purged_at IS NOT NULL OR NEW.purged_at IS NULL OR NEW.sha256 <> OLD.sha256 OR NEW.rows_sha256 <> OLD.rows_sha256
    OR NEW.claim_id <> OLD.claim_id OR NEW.plan_no <> OLD.plan_no OR NEW.rows <> OLD.rows OR NEW.at <> OLD.at OR NEW.purge_on <> OLD.purge_on THEN
    RAISE EXCEPTION 'frozen: a dataset is only ever purged';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER datasets_only_purge BEFORE UPDATE ON datasets FOR EACH ROW EXECUTE FUNCTION datasets_only_purge();
CREATE TRIGGER datasets_stay BEFORE DELETE ON datasets FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER datasets_no_truncate BEFORE TRUNCATE ON datasets FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- +goose StatementBegin
CREATE FUNCTION dataset_chunks_need_purge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM datasets d WHERE d.org_id = OLD.org_id AND d.id = OLD.dataset_id AND d.purged_at IS NOT NULL) THEN
    RAISE EXCEPTION 'frozen: rows go when their dataset has been purged';
  END IF;
  RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER dataset_chunks_frozen BEFORE UPDATE ON dataset_chunks FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER dataset_chunks_need_purge BEFORE DELETE ON dataset_chunks FOR EACH ROW EXECUTE FUNCTION dataset_chunks_need_purge();
CREATE TRIGGER dataset_chunks_no_truncate BEFORE TRUNCATE ON dataset_chunks FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What was said of a gain is not said again.
-- +goose StatementBegin
CREATE FUNCTION reinvestments_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.shares <> '' THEN RAISE EXCEPTION 'frozen: an answer on a gain stays'; END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER reinvestments_stay BEFORE UPDATE ON reinvestments FOR EACH ROW EXECUTE FUNCTION reinvestments_stay();
CREATE TRIGGER reinvestments_kept BEFORE DELETE ON reinvestments FOR EACH ROW EXECUTE FUNCTION refuse_change();
