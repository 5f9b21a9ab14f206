-- The spine: organisations, people, unions, deployments, notices, comments,
-- requests, the ledger. Every key begins with the organisation, so that one
-- table can be spread over many machines later.
-- +goose Up
CREATE TABLE organisations (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE CHECK (slug <> ''),
  name_en TEXT NOT NULL CHECK (name_en <> ''),
  name_cy TEXT NOT NULL DEFAULT '',
  nation TEXT NOT NULL CHECK (nation IN ('england_and_wales', 'scotland', 'northern_ireland')),
  zone TEXT NOT NULL,
  profile TEXT NOT NULL,
  contact TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1,
  created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE closure_days (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  day DATE NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (org_id, day)
);

CREATE TABLE service_areas (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  id TEXT NOT NULL,
  parent_id TEXT,
  name_en TEXT NOT NULL CHECK (name_en <> ''),
  name_cy TEXT NOT NULL DEFAULT '',
  path TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, parent_id) REFERENCES service_areas (org_id, id)
);
CREATE UNIQUE INDEX service_areas_name ON service_areas (org_id, COALESCE(parent_id, ''), name_en);

CREATE TABLE bargaining_units (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, name)
);

CREATE TABLE job_roles (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  title TEXT NOT NULL CHECK (title <> ''),
  job_family TEXT NOT NULL DEFAULT '',
  pay_group TEXT NOT NULL DEFAULT '',
  grade TEXT NOT NULL DEFAULT '',
  soc2020 TEXT NOT NULL DEFAULT '' CHECK (soc2020 = '' OR length(soc2020) = 4),
  service_area_id TEXT NOT NULL,
  site TEXT NOT NULL DEFAULT '',
  headcount INTEGER NOT NULL CHECK (headcount >= 0),
  fte DOUBLE PRECISION NOT NULL DEFAULT 0 CHECK (fte >= 0),
  agency_count INTEGER NOT NULL DEFAULT 0 CHECK (agency_count >= 0),
  bargaining_unit_id TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, service_area_id) REFERENCES service_areas (org_id, id),
  FOREIGN KEY (org_id, bargaining_unit_id) REFERENCES bargaining_units (org_id, id)
);
CREATE UNIQUE INDEX job_roles_title ON job_roles (org_id, service_area_id, title, grade, site);

CREATE TABLE users (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE CHECK (email <> ''),
  name TEXT NOT NULL CHECK (name <> ''),
  language TEXT NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'cy')),
  password_hash TEXT NOT NULL DEFAULT '',
  disabled_at TIMESTAMPTZ,
  version INTEGER NOT NULL DEFAULT 1,
  created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE unions (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  abbreviation TEXT NOT NULL CHECK (abbreviation <> ''),
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, abbreviation)
);

CREATE TABLE memberships (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  id TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES users (id),
  role TEXT NOT NULL CHECK (role IN ('cdo', 'manager', 'hr', 'assurer', 'approver', 'union_officer', 'union_rep', 'scrutiny', 'auditor', 'admin')),
  service_area_id TEXT,
  union_id TEXT,
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, service_area_id) REFERENCES service_areas (org_id, id),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id),
  CHECK ((role IN ('union_officer', 'union_rep')) = (union_id IS NOT NULL))
);
CREATE UNIQUE INDEX memberships_once ON memberships (org_id, user_id, role, COALESCE(service_area_id, ''), COALESCE(union_id, ''));
CREATE INDEX memberships_user ON memberships (user_id);

CREATE TABLE branches (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  union_id TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, union_id, name),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id)
);

CREATE TABLE branch_officers (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  branch_id TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES users (id),
  post TEXT NOT NULL CHECK (post IN ('officer', 'deputy')),
  from_date DATE NOT NULL,
  to_date DATE CHECK (to_date IS NULL OR to_date >= from_date),
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, branch_id, user_id, from_date),
  FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id)
);

CREATE TABLE recognitions (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  union_id TEXT NOT NULL,
  branch_id TEXT NOT NULL,
  bargaining_unit_id TEXT NOT NULL,
  subjects TEXT,
  from_date DATE NOT NULL,
  to_date DATE CHECK (to_date IS NULL OR to_date >= from_date),
  contested BOOLEAN NOT NULL DEFAULT FALSE,
  contested_note TEXT NOT NULL DEFAULT '',
  electronic_from DATE,
  periods TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, union_id, bargaining_unit_id, from_date),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id),
  FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id),
  FOREIGN KEY (org_id, bargaining_unit_id) REFERENCES bargaining_units (org_id, id)
);

CREATE TABLE service_addresses (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  branch_id TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('email', 'hand', 'post')),
  address TEXT NOT NULL CHECK (address <> ''),
  languages TEXT NOT NULL,
  from_date DATE NOT NULL,
  to_date DATE CHECK (to_date IS NULL OR to_date >= from_date),
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, branch_id, channel, address, from_date),
  FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id)
);

CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,
  data BYTEA NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL REFERENCES organisations (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  scopes TEXT,
  expires_at TIMESTAMPTZ NOT NULL,
  last_used_at TIMESTAMPTZ,
  revoked_at TIMESTAMPTZ,
  created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE attachments (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  id TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  media_type TEXT NOT NULL,
  size INTEGER NOT NULL CHECK (size > 0),
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  by_user_id TEXT NOT NULL REFERENCES users (id),
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, id)
);

CREATE TABLE counters (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  series TEXT NOT NULL,
  year INTEGER NOT NULL,
  last INTEGER NOT NULL CHECK (last > 0),
  PRIMARY KEY (org_id, series, year)
);

CREATE TABLE deployments (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  ref TEXT NOT NULL,
  stage TEXT NOT NULL CHECK (stage IN ('idea', 'formative', 'noticed', 'decided', 'pilot', 'evaluated', 'live', 'paused', 'retired', 'withdrawn')),
  audience TEXT NOT NULL CHECK (audience IN ('employer', 'parties', 'public')),
  class TEXT NOT NULL CHECK (class IN ('A', 'B', 'C', 'D')),
  raised_to TEXT NOT NULL DEFAULT '' CHECK (raised_to IN ('', 'A', 'B', 'C', 'D')),
  raised_reason TEXT NOT NULL DEFAULT '' CHECK (raised_to = '' OR raised_reason <> ''),
  late BOOLEAN NOT NULL DEFAULT FALSE,
  late_reason TEXT NOT NULL DEFAULT '',
  late_on DATE,
  name_en TEXT NOT NULL DEFAULT '',
  name_cy TEXT NOT NULL DEFAULT '',
  service_area_id TEXT NOT NULL,
  use_family TEXT NOT NULL DEFAULT '',
  ai_class TEXT NOT NULL DEFAULT '',
  risk_level TEXT NOT NULL DEFAULT '',
  review_due DATE,
  go_live_planned DATE,
  source TEXT,
  source_key TEXT,
  record TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version > 0),
  created_by TEXT NOT NULL REFERENCES users (id),
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, ref),
  UNIQUE (org_id, source, source_key),
  FOREIGN KEY (org_id, service_area_id) REFERENCES service_areas (org_id, id),
  CHECK (name_en <> '' OR name_cy <> '')
);
CREATE INDEX deployments_created ON deployments (org_id, created_at, id);
CREATE INDEX deployments_updated ON deployments (org_id, updated_at, id);
CREATE INDEX deployments_name ON deployments (org_id, name_en, id);
CREATE INDEX deployments_stage ON deployments (org_id, stage, created_at, id);
CREATE INDEX deployments_class ON deployments (org_id, class, created_at, id);
CREATE INDEX deployments_area ON deployments (org_id, service_area_id, created_at, id);
CREATE INDEX deployments_family ON deployments (org_id, use_family, created_at, id);
CREATE INDEX deployments_audience ON deployments (org_id, audience, created_at, id);
CREATE INDEX deployments_late ON deployments (org_id, late, created_at, id);
CREATE INDEX deployments_review ON deployments (org_id, review_due, id);
-- +goose StatementBegin
CREATE FUNCTION deployments_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.late AND NOT NEW.late THEN RAISE EXCEPTION 'frozen: a late mark never clears'; END IF;
  IF OLD.ref <> NEW.ref THEN RAISE EXCEPTION 'frozen: a ref is kept for life'; END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER deployments_keep BEFORE UPDATE ON deployments FOR EACH ROW EXECUTE FUNCTION deployments_keep();

-- English is stemmed; the 'simple' form beside it keeps Welsh words whole.
CREATE TABLE deployments_fts (
  org_id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  body TEXT NOT NULL,
  words TSVECTOR GENERATED ALWAYS AS (to_tsvector('english', body) || to_tsvector('simple', body)) STORED,
  PRIMARY KEY (org_id, deployment_id),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id)
);
CREATE INDEX deployments_fts_words ON deployments_fts USING GIN (words);

CREATE TABLE deployment_versions (
  org_id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number > 0),
  record TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  class TEXT NOT NULL,
  stage TEXT NOT NULL,
  late BOOLEAN NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (org_id, deployment_id, number),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id)
);

CREATE TABLE affected_groups (
  org_id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  job_role_id TEXT NOT NULL,
  headcount INTEGER NOT NULL CHECK (headcount >= 0),
  agency INTEGER NOT NULL CHECK (agency >= 0),
  indirect BOOLEAN NOT NULL,
  PRIMARY KEY (org_id, deployment_id, job_role_id),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id),
  FOREIGN KEY (org_id, job_role_id) REFERENCES job_roles (org_id, id)
);
CREATE INDEX affected_groups_role ON affected_groups (org_id, job_role_id, deployment_id);

CREATE TABLE deployment_suppliers (
  org_id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  pos INTEGER NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  company_number TEXT NOT NULL,
  contract_end DATE,
  PRIMARY KEY (org_id, deployment_id, pos),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id)
);
CREATE INDEX deployment_suppliers_name ON deployment_suppliers (org_id, name, deployment_id);

CREATE TABLE deployment_models (
  org_id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  pos INTEGER NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  provider TEXT NOT NULL,
  region TEXT NOT NULL,
  PRIMARY KEY (org_id, deployment_id, pos),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id)
);
CREATE INDEX deployment_models_name ON deployment_models (org_id, name, deployment_id);

CREATE TABLE deployment_worker_data (
  org_id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  pos INTEGER NOT NULL,
  category TEXT NOT NULL CHECK (category <> ''),
  for_performance BOOLEAN NOT NULL,
  for_discipline BOOLEAN NOT NULL,
  PRIMARY KEY (org_id, deployment_id, pos),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id)
);
CREATE INDEX deployment_worker_data_category ON deployment_worker_data (org_id, category, deployment_id);

CREATE TABLE deployment_assessments (
  org_id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  pos INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('dpia', 'eqia', 'fundamental_rights', 'job_impact', 'health_and_safety', 'welsh_language')),
  state TEXT NOT NULL CHECK (state IN ('yes', 'in_progress', 'waived', 'not_applicable')),
  on_date DATE,
  PRIMARY KEY (org_id, deployment_id, pos),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id)
);
CREATE INDEX deployment_assessments_state ON deployment_assessments (org_id, kind, state, deployment_id);

CREATE TABLE deployment_commitments (
  org_id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  pos INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('no_redundancy', 'no_detriment', 'regrade_review', 'training_hours', 'no_discipline_use', 'gain_share', 'hours')),
  status TEXT NOT NULL CHECK (status IN ('offered', 'accepted', 'met', 'broken')),
  due DATE,
  PRIMARY KEY (org_id, deployment_id, pos),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id)
);
CREATE INDEX deployment_commitments_status ON deployment_commitments (org_id, status, deployment_id);

CREATE TABLE deployment_costs (
  org_id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  pos INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('one_off', 'annual', 'to_date', 'forecast', 'saving_claimed')),
  year INTEGER NOT NULL,
  pence BIGINT NOT NULL CHECK (pence >= 0),
  cashable BOOLEAN NOT NULL,
  PRIMARY KEY (org_id, deployment_id, pos),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id)
);
CREATE INDEX deployment_costs_kind ON deployment_costs (org_id, kind, deployment_id);

CREATE TABLE material_changes (
  org_id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  fields TEXT NOT NULL,
  material BOOLEAN NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  judged_by TEXT REFERENCES users (id),
  judged_at TIMESTAMPTZ,
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, deployment_id, version),
  FOREIGN KEY (org_id, deployment_id, version) REFERENCES deployment_versions (org_id, deployment_id, number),
  CHECK (material OR (reason <> '' AND judged_by IS NOT NULL))
);

CREATE TABLE material_judgements (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  material BOOLEAN NOT NULL,
  reason TEXT NOT NULL CHECK (reason <> ''),
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, deployment_id, version) REFERENCES material_changes (org_id, deployment_id, version)
);
CREATE INDEX material_judgements_change ON material_judgements (org_id, deployment_id, version, at);

CREATE TABLE scope_additions (
  org_id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  union_id TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason <> ''),
  by_user_id TEXT NOT NULL REFERENCES users (id),
  added_on DATE NOT NULL,
  PRIMARY KEY (org_id, deployment_id, union_id),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id)
);

CREATE TABLE overrides (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  to_stage TEXT NOT NULL,
  ground TEXT NOT NULL CHECK (ground <> ''),
  expires_on DATE NOT NULL,
  first_by TEXT NOT NULL REFERENCES users (id),
  first_at TIMESTAMPTZ NOT NULL,
  second_by TEXT REFERENCES users (id),
  second_at TIMESTAMPTZ,
  version INTEGER NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id),
  CHECK (second_by IS NULL OR second_by <> first_by),
  CHECK ((second_by IS NULL) = (second_at IS NULL))
);
CREATE INDEX overrides_deployment ON overrides (org_id, deployment_id);

CREATE TABLE stage_moves (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  from_stage TEXT NOT NULL,
  to_stage TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL,
  override_id TEXT,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id),
  FOREIGN KEY (org_id, override_id) REFERENCES overrides (org_id, id)
);
CREATE INDEX stage_moves_deployment ON stage_moves (org_id, deployment_id, at);

CREATE TABLE holds (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  union_id TEXT,
  ground TEXT NOT NULL CHECK (ground <> ''),
  from_date DATE NOT NULL,
  until_date DATE NOT NULL CHECK (until_date >= from_date),
  lifted_on DATE,
  lifted_reason TEXT NOT NULL DEFAULT '' CHECK (lifted_on IS NULL OR lifted_reason <> ''),
  by_user_id TEXT NOT NULL REFERENCES users (id),
  version INTEGER NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id)
);
CREATE INDEX holds_deployment ON holds (org_id, deployment_id);

CREATE TABLE scorecards (
  org_id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  party TEXT NOT NULL,
  dimension TEXT NOT NULL CHECK (dimension IN ('JOBS', 'GRADE', 'SKILL', 'LOAD', 'TIME', 'WATCH', 'AUTON', 'LIAB', 'SAFE', 'EQUAL', 'LANG', 'CARE', 'VOICE', 'GAIN')),
  direction INTEGER NOT NULL CHECK (direction BETWEEN -2 AND 2),
  likelihood INTEGER NOT NULL CHECK (likelihood BETWEEN 1 AND 4),
  reach INTEGER NOT NULL CHECK (reach >= 0),
  reversibility INTEGER NOT NULL CHECK (reversibility BETWEEN 1 AND 4),
  duration INTEGER NOT NULL CHECK (duration BETWEEN 1 AND 4),
  confidence TEXT NOT NULL CHECK (confidence IN ('low', 'medium', 'high')),
  evidence TEXT NOT NULL DEFAULT '',
  mitigation TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL CHECK (version > 0),
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, deployment_id, party, dimension),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id)
);

CREATE TABLE notices (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  no TEXT NOT NULL,
  year INTEGER NOT NULL,
  number INTEGER NOT NULL CHECK (number > 0),
  deployment_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('formative', 'change', 'rollout', 'supplementary', 'late', 'emergency', 'withdrawal', 'review')),
  supersedes_id TEXT,
  restarts BOOLEAN NOT NULL,
  deployment_version INTEGER NOT NULL,
  class TEXT NOT NULL,
  content TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  served_by TEXT NOT NULL REFERENCES users (id),
  served_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, no),
  UNIQUE (org_id, year, number),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id),
  FOREIGN KEY (org_id, deployment_id, deployment_version) REFERENCES deployment_versions (org_id, deployment_id, number),
  FOREIGN KEY (org_id, supersedes_id) REFERENCES notices (org_id, id),
  CHECK ((kind = 'supplementary') = (supersedes_id IS NOT NULL))
);
CREATE INDEX notices_deployment ON notices (org_id, deployment_id, served_at);

CREATE TABLE notice_drafts (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  supersedes TEXT,
  worse TEXT,
  languages TEXT,
  meetings TEXT,
  how_to_ask TEXT NOT NULL DEFAULT '{}',
  dispute TEXT NOT NULL DEFAULT '{}',
  status_quo BOOLEAN NOT NULL DEFAULT FALSE,
  correction TEXT NOT NULL DEFAULT '{}',
  not_worse TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL,
  created_by TEXT NOT NULL REFERENCES users (id),
  created_at TIMESTAMPTZ NOT NULL,
  notice_id TEXT,
  discarded_at TIMESTAMPTZ,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id),
  FOREIGN KEY (org_id, supersedes) REFERENCES notices (org_id, id),
  FOREIGN KEY (org_id, notice_id) REFERENCES notices (org_id, id),
  CHECK (notice_id IS NULL OR discarded_at IS NULL)
);
CREATE INDEX notice_drafts_deployment ON notice_drafts (org_id, deployment_id);

CREATE TABLE notice_recipients (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  notice_id TEXT NOT NULL,
  union_id TEXT NOT NULL,
  branch_id TEXT NOT NULL,
  without_prejudice BOOLEAN NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, notice_id, union_id),
  FOREIGN KEY (org_id, notice_id) REFERENCES notices (org_id, id),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id),
  FOREIGN KEY (org_id, branch_id) REFERENCES branches (org_id, id)
);
CREATE INDEX notice_recipients_union ON notice_recipients (org_id, union_id, notice_id);

CREATE TABLE dispatches (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  notice_id TEXT NOT NULL,
  recipient_id TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('email', 'hand', 'post')),
  address TEXT NOT NULL CHECK (address <> ''),
  languages TEXT NOT NULL,
  message_id TEXT NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, message_id),
  UNIQUE (org_id, recipient_id, channel, address),
  FOREIGN KEY (org_id, notice_id) REFERENCES notices (org_id, id),
  FOREIGN KEY (org_id, recipient_id) REFERENCES notice_recipients (org_id, id)
);
CREATE INDEX dispatches_notice ON dispatches (org_id, notice_id);

CREATE TABLE deliveries (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  notice_id TEXT NOT NULL,
  recipient_id TEXT NOT NULL,
  dispatch_id TEXT,
  event TEXT NOT NULL CHECK (event IN ('accepted', 'deferred', 'bounced', 'abandoned', 'delivered', 'handed', 'posted', 'acknowledged')),
  at TIMESTAMPTZ NOT NULL,
  recorded_at TIMESTAMPTZ NOT NULL,
  detail TEXT NOT NULL DEFAULT '',
  attachment_id TEXT,
  by_user_id TEXT REFERENCES users (id),
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, notice_id) REFERENCES notices (org_id, id),
  FOREIGN KEY (org_id, recipient_id) REFERENCES notice_recipients (org_id, id),
  FOREIGN KEY (org_id, dispatch_id) REFERENCES dispatches (org_id, id),
  FOREIGN KEY (org_id, attachment_id) REFERENCES attachments (org_id, id),
  CHECK (event NOT IN ('handed', 'posted') OR attachment_id IS NOT NULL),
  CHECK (event NOT IN ('handed', 'posted', 'acknowledged') OR by_user_id IS NOT NULL)
);
CREATE INDEX deliveries_notice ON deliveries (org_id, notice_id, recorded_at);
CREATE UNIQUE INDEX deliveries_accepted_once ON deliveries (org_id, dispatch_id) WHERE event = 'accepted';

CREATE TABLE acknowledgements (
  org_id TEXT NOT NULL,
  recipient_id TEXT NOT NULL,
  delivery_id TEXT NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, recipient_id),
  FOREIGN KEY (org_id, recipient_id) REFERENCES notice_recipients (org_id, id),
  FOREIGN KEY (org_id, delivery_id) REFERENCES deliveries (org_id, id)
);

CREATE TABLE comments (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  target TEXT NOT NULL CHECK (target IN ('deployment', 'notice', 'impact', 'claim')),
  target_key TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL CHECK (kind IN ('question', 'concern', 'suggestion', 'support', 'formal_response', 'failure_to_agree')),
  dimension TEXT NOT NULL DEFAULT '',
  union_id TEXT,
  corrects TEXT,
  circle TEXT NOT NULL CHECK (circle IN ('parties', 'scrutiny', 'public')),
  language TEXT NOT NULL CHECK (language IN ('en', 'cy')),
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  late BOOLEAN NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, corrects),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id),
  FOREIGN KEY (org_id, corrects) REFERENCES comments (org_id, id)
);
CREATE INDEX comments_deployment ON comments (org_id, deployment_id, at, id);
CREATE INDEX comments_age ON comments (org_id, at, id);

CREATE TABLE comment_words (
  org_id TEXT NOT NULL,
  comment_id TEXT NOT NULL,
  body TEXT NOT NULL CHECK (body <> ''),
  PRIMARY KEY (org_id, comment_id),
  FOREIGN KEY (org_id, comment_id) REFERENCES comments (org_id, id)
);

CREATE TABLE comment_redactions (
  org_id TEXT NOT NULL,
  comment_id TEXT NOT NULL,
  body TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason <> ''),
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, comment_id),
  FOREIGN KEY (org_id, comment_id) REFERENCES comments (org_id, id)
);

CREATE TABLE comment_withdrawals (
  org_id TEXT NOT NULL,
  comment_id TEXT NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, comment_id),
  FOREIGN KEY (org_id, comment_id) REFERENCES comments (org_id, id)
);

CREATE TABLE comment_widenings (
  org_id TEXT NOT NULL,
  comment_id TEXT NOT NULL,
  circle TEXT NOT NULL CHECK (circle IN ('scrutiny', 'public')),
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, comment_id, circle),
  FOREIGN KEY (org_id, comment_id) REFERENCES comments (org_id, id)
);

CREATE TABLE dispositions (
  org_id TEXT NOT NULL,
  comment_id TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('accepted', 'accepted_in_part', 'rejected', 'deferred', 'already_covered', 'out_of_scope')),
  reason TEXT NOT NULL CHECK (reason <> ''),
  changed_in_version INTEGER,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, comment_id),
  FOREIGN KEY (org_id, comment_id) REFERENCES comments (org_id, id)
);

CREATE TABLE union_outcomes (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  union_id TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('consensus', 'compromise', 'not_agreed', 'no_response')),
  employer_statement TEXT NOT NULL DEFAULT '',
  union_statement TEXT NOT NULL DEFAULT '',
  reminders INTEGER NOT NULL DEFAULT 0 CHECK (reminders >= 0),
  version INTEGER NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, deployment_id, union_id),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id)
);

CREATE TABLE information_requests (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  no TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  union_id TEXT NOT NULL,
  question TEXT NOT NULL CHECK (question <> ''),
  asked_by TEXT NOT NULL REFERENCES users (id),
  asked_at TIMESTAMPTZ NOT NULL,
  due_on DATE NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, no),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id)
);
CREATE INDEX information_requests_deployment ON information_requests (org_id, deployment_id, asked_at);

CREATE TABLE information_request_events (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('answered', 'withheld', 'challenged')),
  text TEXT NOT NULL DEFAULT '',
  ground TEXT NOT NULL DEFAULT '',
  expires_on DATE,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, request_id) REFERENCES information_requests (org_id, id),
  CHECK (kind <> 'withheld' OR (ground <> '' AND expires_on IS NOT NULL)),
  CHECK (kind = 'withheld' OR text <> '')
);
CREATE INDEX information_request_events_request ON information_request_events (org_id, request_id, at);

CREATE TABLE imports (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  file_name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  map TEXT NOT NULL,
  imported INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  repaired INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  report TEXT NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, id)
);

CREATE TABLE idempotency_keys (
  org_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  status INTEGER NOT NULL DEFAULT 0,
  headers TEXT NOT NULL DEFAULT '{}',
  body BYTEA,
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, user_id, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

CREATE TABLE ledger_heads (
  org_id TEXT PRIMARY KEY REFERENCES organisations (id),
  size BIGINT NOT NULL CHECK (size >= 0)
);

CREATE TABLE ledger_entries (
  org_id TEXT NOT NULL REFERENCES ledger_heads (org_id),
  seq BIGINT NOT NULL CHECK (seq >= 0),
  at TIMESTAMPTZ NOT NULL,
  verb TEXT NOT NULL,
  subject TEXT NOT NULL,
  deployment_id TEXT,
  body TEXT NOT NULL,
  leaf BYTEA NOT NULL CHECK (length(leaf) = 32),
  PRIMARY KEY (org_id, seq)
);
CREATE INDEX ledger_entries_deployment ON ledger_entries (org_id, deployment_id, seq);

-- What is frozen stays frozen, whoever asks.
-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'frozen: % are kept for good', TG_TABLE_NAME; END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION words_need_redaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM comment_redactions r WHERE r.org_id = OLD.org_id AND r.comment_id = OLD.comment_id) THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'frozen: words are erased only by a redaction';
END $$;
-- +goose StatementEnd
CREATE TRIGGER notices_frozen BEFORE UPDATE OR DELETE ON notices FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER notices_no_truncate BEFORE TRUNCATE ON notices FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER notice_recipients_frozen BEFORE UPDATE OR DELETE ON notice_recipients FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER notice_recipients_no_truncate BEFORE TRUNCATE ON notice_recipients FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER dispatches_frozen BEFORE UPDATE OR DELETE ON dispatches FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER dispatches_no_truncate BEFORE TRUNCATE ON dispatches FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deliveries_frozen BEFORE UPDATE OR DELETE ON deliveries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deliveries_no_truncate BEFORE TRUNCATE ON deliveries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER acknowledgements_frozen BEFORE UPDATE OR DELETE ON acknowledgements FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER acknowledgements_no_truncate BEFORE TRUNCATE ON acknowledgements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER comments_frozen BEFORE UPDATE OR DELETE ON comments FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER comments_no_truncate BEFORE TRUNCATE ON comments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER comment_redactions_frozen BEFORE UPDATE OR DELETE ON comment_redactions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER comment_redactions_no_truncate BEFORE TRUNCATE ON comment_redactions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER comment_withdrawals_frozen BEFORE UPDATE OR DELETE ON comment_withdrawals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER comment_withdrawals_no_truncate BEFORE TRUNCATE ON comment_withdrawals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER comment_widenings_frozen BEFORE UPDATE OR DELETE ON comment_widenings FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER comment_widenings_no_truncate BEFORE TRUNCATE ON comment_widenings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER dispositions_frozen BEFORE UPDATE OR DELETE ON dispositions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER dispositions_no_truncate BEFORE TRUNCATE ON dispositions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER information_request_events_frozen BEFORE UPDATE OR DELETE ON information_request_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER information_request_events_no_truncate BEFORE TRUNCATE ON information_request_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deployment_versions_frozen BEFORE UPDATE OR DELETE ON deployment_versions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deployment_versions_no_truncate BEFORE TRUNCATE ON deployment_versions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stage_moves_frozen BEFORE UPDATE OR DELETE ON stage_moves FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stage_moves_no_truncate BEFORE TRUNCATE ON stage_moves FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entries_frozen BEFORE UPDATE OR DELETE ON ledger_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entries_no_truncate BEFORE TRUNCATE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER material_judgements_frozen BEFORE UPDATE OR DELETE ON material_judgements FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER material_judgements_no_truncate BEFORE TRUNCATE ON material_judgements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER comment_words_no_truncate BEFORE TRUNCATE ON comment_words FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- A request and an override move on, but not in what was asked and signed.
-- +goose StatementBegin
CREATE FUNCTION information_requests_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.no, OLD.question, OLD.union_id, OLD.deployment_id, OLD.asked_by, OLD.asked_at, OLD.due_on) IS DISTINCT FROM
     (NEW.no, NEW.question, NEW.union_id, NEW.deployment_id, NEW.asked_by, NEW.asked_at, NEW.due_on) THEN
    RAISE EXCEPTION 'frozen: what was asked, and by when, stays';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION overrides_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.second_by IS NOT NULL OR (OLD.ground, OLD.to_stage, OLD.expires_on, OLD.first_by, OLD.first_at, OLD.deployment_id) IS DISTINCT FROM
     (NEW.ground, NEW.to_stage, NEW.expires_on, NEW.first_by, NEW.first_at, NEW.deployment_id) THEN
    RAISE EXCEPTION 'frozen: what was signed stays';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER information_requests_keep BEFORE UPDATE ON information_requests FOR EACH ROW EXECUTE FUNCTION information_requests_keep();
CREATE TRIGGER information_requests_no_delete BEFORE DELETE ON information_requests FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER information_requests_no_truncate BEFORE TRUNCATE ON information_requests FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER overrides_keep BEFORE UPDATE ON overrides FOR EACH ROW EXECUTE FUNCTION overrides_keep();
CREATE TRIGGER overrides_no_delete BEFORE DELETE ON overrides FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER overrides_no_truncate BEFORE TRUNCATE ON overrides FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER comment_words_verbatim BEFORE UPDATE ON comment_words FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER comment_words_redaction BEFORE DELETE ON comment_words FOR EACH ROW EXECUTE FUNCTION words_need_redaction();

-- +goose Down
DROP TABLE ledger_entries;
DROP TABLE ledger_heads;
DROP TABLE idempotency_keys;
DROP TABLE imports;
DROP TABLE information_request_events;
DROP TABLE information_requests;
DROP TABLE union_outcomes;
DROP TABLE dispositions;
DROP TABLE comment_widenings;
DROP TABLE comment_withdrawals;
DROP TABLE comment_redactions;
DROP TABLE comment_words;
DROP TABLE comments;
DROP TABLE acknowledgements;
DROP TABLE deliveries;
DROP TABLE dispatches;
DROP TABLE notice_recipients;
DROP TABLE notice_drafts;
DROP TABLE notices;
DROP TABLE scorecards;
DROP TABLE holds;
DROP TABLE stage_moves;
DROP TABLE overrides;
DROP TABLE scope_additions;
DROP TABLE material_judgements;
DROP TABLE material_changes;
DROP TABLE deployment_costs;
DROP TABLE deployment_commitments;
DROP TABLE deployment_assessments;
DROP TABLE deployment_worker_data;
DROP TABLE deployment_models;
DROP TABLE deployment_suppliers;
DROP TABLE affected_groups;
DROP TABLE deployment_versions;
DROP TABLE deployments_fts;
DROP TABLE deployments;
DROP TABLE counters;
DROP TABLE attachments;
DROP TABLE tokens;
DROP TABLE sessions;
DROP TABLE service_addresses;
DROP TABLE recognitions;
DROP TABLE branch_officers;
DROP TABLE branches;
DROP TABLE memberships;
DROP TABLE unions;
DROP TABLE users;
DROP TABLE job_roles;
DROP TABLE bargaining_units;
DROP TABLE service_areas;
DROP TABLE closure_days;
DROP TABLE organisations;
DROP FUNCTION refuse_change;
DROP FUNCTION words_need_redaction;
DROP FUNCTION deployments_keep;
DROP FUNCTION information_requests_keep;
DROP FUNCTION overrides_keep;
