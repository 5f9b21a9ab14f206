-- Partnership: the union rooms, disputes, meetings, engagement, questionnaires, actions,
-- barriers, joint statements, costs by year, notifications, systems that the public
-- flagged, and what each union says of a year.
-- +goose Up

-- A union's own room. Nothing of it is in the ledger, and on PostgreSQL the
-- database itself shows a row only to a transaction that said whose room it opens.
CREATE TABLE room_entries (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  union_id TEXT NOT NULL,
  deployment_id TEXT,
  kind TEXT NOT NULL CHECK (kind IN ('note', 'draft', 'concern', 'document')),
  title TEXT NOT NULL CHECK (title <> ''),
  body TEXT NOT NULL DEFAULT '',
  dimension TEXT NOT NULL DEFAULT '',
  comment_kind TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL CHECK (language IN ('en', 'cy')),
  filed_as TEXT,
  filed_at TIMESTAMP,
  version INTEGER NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id),
  FOREIGN KEY (org_id, filed_as) REFERENCES comments (org_id, id),
  CHECK ((filed_as IS NULL) = (filed_at IS NULL))
);
CREATE INDEX room_entries_union ON room_entries (org_id, union_id, created_at, id);

-- How many members a rep has heard a concern from. No names.
CREATE TABLE room_tallies (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  union_id TEXT NOT NULL,
  entry_id TEXT NOT NULL,
  members INTEGER NOT NULL CHECK (members BETWEEN 1 AND 500),
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, entry_id) REFERENCES room_entries (org_id, id)
);
CREATE INDEX room_tallies_entry ON room_tallies (org_id, entry_id);

CREATE TABLE room_files (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  union_id TEXT NOT NULL,
  entry_id TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  media_type TEXT NOT NULL,
  size BIGINT NOT NULL CHECK (size > 0),
  bytes BLOB NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, entry_id) REFERENCES room_entries (org_id, id)
);
CREATE INDEX room_files_entry ON room_files (org_id, entry_id);

CREATE TABLE disputes (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  no TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  union_id TEXT NOT NULL,
  opened_by TEXT NOT NULL CHECK (opened_by IN ('union', 'employer')),
  subject TEXT NOT NULL CHECK (subject <> ''),
  remedy TEXT NOT NULL CHECK (remedy <> ''),
  stages TEXT NOT NULL,
  stage INTEGER NOT NULL CHECK (stage >= 0),
  due_on DATE NOT NULL,
  hold_id TEXT,
  closed_on DATE,
  outcome TEXT NOT NULL DEFAULT '' CHECK (outcome IN ('', 'settled', 'withdrawn', 'decided_outside', 'not_settled')),
  version INTEGER NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, no),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id),
  FOREIGN KEY (org_id, hold_id) REFERENCES holds (org_id, id),
  CHECK ((outcome = '') = (closed_on IS NULL))
);
CREATE INDEX disputes_deployment ON disputes (org_id, deployment_id, at);
CREATE INDEX disputes_due ON disputes (org_id, due_on) WHERE closed_on IS NULL;

CREATE TABLE dispute_events (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  dispute_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('opened', 'advanced', 'lift_asked', 'extension_asked', 'lifted', 'extended', 'settled')),
  side TEXT NOT NULL CHECK (side IN ('union', 'employer')),
  stage INTEGER NOT NULL,
  due_on DATE,
  text TEXT NOT NULL DEFAULT '',
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, dispute_id) REFERENCES disputes (org_id, id)
);
CREATE INDEX dispute_events_dispute ON dispute_events (org_id, dispute_id, at);

CREATE TABLE meetings (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  no TEXT NOT NULL,
  deployment_id TEXT,
  title TEXT NOT NULL CHECK (title <> ''),
  kind TEXT NOT NULL CHECK (kind IN ('joint_committee', 'consultation', 'briefing', 'other')),
  place TEXT NOT NULL DEFAULT '',
  starts_at TIMESTAMP NOT NULL,
  offered_by TEXT NOT NULL CHECK (offered_by <> ''),
  status TEXT NOT NULL CHECK (status IN ('offered', 'held', 'cancelled')),
  cancelled_by TEXT NOT NULL DEFAULT '',
  cancelled_why TEXT NOT NULL DEFAULT '',
  cancelled_at TIMESTAMP,
  replaces TEXT,
  version INTEGER NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, no),
  UNIQUE (org_id, replaces),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id),
  FOREIGN KEY (org_id, replaces) REFERENCES meetings (org_id, id),
  CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
  CHECK (status <> 'cancelled' OR (cancelled_by <> '' AND cancelled_why <> ''))
);
CREATE INDEX meetings_start ON meetings (org_id, starts_at, id);
CREATE INDEX meetings_deployment ON meetings (org_id, deployment_id, starts_at);

-- Party is employer, or the id of a union.
CREATE TABLE meeting_parties (
  org_id TEXT NOT NULL,
  meeting_id TEXT NOT NULL,
  party TEXT NOT NULL,
  people INTEGER CHECK (people >= 0),
  PRIMARY KEY (org_id, meeting_id, party),
  FOREIGN KEY (org_id, meeting_id) REFERENCES meetings (org_id, id)
);

CREATE TABLE meeting_minutes (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  meeting_id TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number > 0),
  text TEXT NOT NULL CHECK (text <> ''),
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  party TEXT NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, meeting_id, number),
  FOREIGN KEY (org_id, meeting_id) REFERENCES meetings (org_id, id)
);

CREATE TABLE minutes_agreements (
  org_id TEXT NOT NULL,
  minutes_id TEXT NOT NULL,
  party TEXT NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, minutes_id, party),
  FOREIGN KEY (org_id, minutes_id) REFERENCES meeting_minutes (org_id, id)
);

CREATE TABLE engagements (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  no TEXT NOT NULL,
  deployment_id TEXT,
  kind TEXT NOT NULL CHECK (kind IN ('focus_group', 'survey', 'workshop', 'demonstration', 'other')),
  title TEXT NOT NULL CHECK (title <> ''),
  held_on DATE NOT NULL,
  summary TEXT NOT NULL DEFAULT '',
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, no),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id)
);
CREATE INDEX engagements_deployment ON engagements (org_id, deployment_id, held_on);

CREATE TABLE engagement_groups (
  org_id TEXT NOT NULL,
  engagement_id TEXT NOT NULL,
  job_family TEXT NOT NULL,
  grade TEXT NOT NULL,
  staff INTEGER NOT NULL CHECK (staff >= 0),
  invited INTEGER NOT NULL CHECK (invited >= 0),
  attended INTEGER NOT NULL CHECK (attended >= 0),
  PRIMARY KEY (org_id, engagement_id, job_family, grade),
  FOREIGN KEY (org_id, engagement_id) REFERENCES engagements (org_id, id)
);

CREATE TABLE engagement_themes (
  org_id TEXT NOT NULL,
  engagement_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  dimension TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL CHECK (text <> ''),
  comment_id TEXT,
  PRIMARY KEY (org_id, engagement_id, number),
  FOREIGN KEY (org_id, engagement_id) REFERENCES engagements (org_id, id),
  FOREIGN KEY (org_id, comment_id) REFERENCES comments (org_id, id)
);

CREATE TABLE questionnaires (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  no TEXT NOT NULL,
  title_en TEXT NOT NULL DEFAULT '',
  title_cy TEXT NOT NULL DEFAULT '',
  closes_on DATE NOT NULL,
  annual_for INTEGER,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, no),
  CHECK (title_en <> '' OR title_cy <> '')
);

CREATE TABLE questions (
  org_id TEXT NOT NULL,
  questionnaire_id TEXT NOT NULL,
  number INTEGER NOT NULL CHECK (number > 0),
  text_en TEXT NOT NULL DEFAULT '',
  text_cy TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (org_id, questionnaire_id, number),
  FOREIGN KEY (org_id, questionnaire_id) REFERENCES questionnaires (org_id, id)
);

CREATE TABLE questionnaire_unions (
  org_id TEXT NOT NULL,
  questionnaire_id TEXT NOT NULL,
  union_id TEXT NOT NULL,
  PRIMARY KEY (org_id, questionnaire_id, union_id),
  FOREIGN KEY (org_id, questionnaire_id) REFERENCES questionnaires (org_id, id),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id)
);

CREATE TABLE questionnaire_answers (
  org_id TEXT NOT NULL,
  questionnaire_id TEXT NOT NULL,
  union_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  text TEXT NOT NULL CHECK (text <> ''),
  language TEXT NOT NULL CHECK (language IN ('en', 'cy')),
  attachment_id TEXT,
  late BOOLEAN NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, questionnaire_id, union_id, number),
  FOREIGN KEY (org_id, questionnaire_id, union_id) REFERENCES questionnaire_unions (org_id, questionnaire_id, union_id),
  FOREIGN KEY (org_id, questionnaire_id, number) REFERENCES questions (org_id, questionnaire_id, number),
  FOREIGN KEY (org_id, attachment_id) REFERENCES attachments (org_id, id)
);
CREATE INDEX questionnaire_answers_attachment ON questionnaire_answers (org_id, attachment_id) WHERE attachment_id IS NOT NULL;

CREATE TABLE actions (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  no TEXT NOT NULL,
  deployment_id TEXT,
  meeting_id TEXT,
  text TEXT NOT NULL CHECK (text <> ''),
  party TEXT NOT NULL,
  owner TEXT NOT NULL CHECK (owner <> ''),
  due_on DATE NOT NULL,
  done_on DATE,
  done_note TEXT NOT NULL DEFAULT '',
  asked_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, no),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id),
  FOREIGN KEY (org_id, meeting_id) REFERENCES meetings (org_id, id)
);
CREATE INDEX actions_due ON actions (org_id, due_on) WHERE done_on IS NULL;

CREATE TABLE barriers (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  no TEXT NOT NULL,
  deployment_id TEXT,
  party TEXT NOT NULL,
  text TEXT NOT NULL CHECK (text <> ''),
  settled_on DATE,
  settlement TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, no),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id)
);

CREATE TABLE statements (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  no TEXT NOT NULL,
  deployment_id TEXT,
  title TEXT NOT NULL CHECK (title <> ''),
  text TEXT NOT NULL CHECK (text <> ''),
  language TEXT NOT NULL CHECK (language IN ('en', 'cy')),
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  status TEXT NOT NULL CHECK (status IN ('proposed', 'agreed', 'not_agreed')),
  proposed_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, no),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id)
);

CREATE TABLE statement_parties (
  org_id TEXT NOT NULL,
  statement_id TEXT NOT NULL,
  party TEXT NOT NULL,
  PRIMARY KEY (org_id, statement_id, party),
  FOREIGN KEY (org_id, statement_id) REFERENCES statements (org_id, id)
);

-- A party's signature, or its own text instead of one.
CREATE TABLE statement_signatures (
  org_id TEXT NOT NULL,
  statement_id TEXT NOT NULL,
  party TEXT NOT NULL,
  signed BOOLEAN NOT NULL,
  own_text TEXT NOT NULL DEFAULT '',
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, statement_id, party),
  FOREIGN KEY (org_id, statement_id, party) REFERENCES statement_parties (org_id, statement_id, party),
  CHECK (signed = (own_text = ''))
);

-- What a union says of a year's report: that it agrees, or why not. The newest counts.
CREATE TABLE positions (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  year INTEGER NOT NULL,
  union_id TEXT NOT NULL,
  agrees BOOLEAN NOT NULL,
  statement TEXT NOT NULL DEFAULT '',
  log_size BIGINT NOT NULL,
  language TEXT NOT NULL CHECK (language IN ('en', 'cy')),
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, union_id) REFERENCES unions (org_id, id),
  CHECK (agrees OR statement <> '')
);
CREATE INDEX positions_year ON positions (org_id, year, union_id, at);

CREATE TABLE cost_entries (
  org_id TEXT NOT NULL,
  id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  year INTEGER NOT NULL CHECK (year BETWEEN 1990 AND 2100),
  kind TEXT NOT NULL CHECK (kind IN ('one_off', 'running', 'forecast', 'saving_claimed', 'saving_evidenced')),
  pence BIGINT NOT NULL CHECK (pence >= 0),
  cashable BOOLEAN NOT NULL,
  booked TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  claim_id TEXT,
  attachment_id TEXT,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id),
  FOREIGN KEY (org_id, claim_id) REFERENCES claims (org_id, id),
  FOREIGN KEY (org_id, attachment_id) REFERENCES attachments (org_id, id)
);
CREATE INDEX cost_entries_deployment ON cost_entries (org_id, deployment_id, year);
CREATE INDEX cost_entries_attachment ON cost_entries (org_id, attachment_id) WHERE attachment_id IS NOT NULL;

-- An entry is taken back by a reasoned row of its own.
CREATE TABLE cost_reversals (
  org_id TEXT NOT NULL,
  entry_id TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason <> ''),
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, entry_id),
  FOREIGN KEY (org_id, entry_id) REFERENCES cost_entries (org_id, id)
);

-- What somebody is told, once: the key is what it is about.
CREATE TABLE inbox_items (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  id TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES users (id),
  topic TEXT NOT NULL,
  key TEXT NOT NULL,
  code TEXT NOT NULL,
  params TEXT NOT NULL,
  path TEXT NOT NULL,
  due_on DATE,
  mode TEXT NOT NULL CHECK (mode IN ('inbox', 'at_once', 'daily')),
  at TIMESTAMP NOT NULL,
  read_at TIMESTAMP,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, user_id, key)
);
CREATE INDEX inbox_items_user ON inbox_items (user_id, org_id, at, id);
CREATE INDEX inbox_items_daily ON inbox_items (org_id, mode, at);

CREATE TABLE topic_choices (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  topic TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('off', 'inbox', 'at_once', 'daily')),
  PRIMARY KEY (org_id, user_id, topic)
);

CREATE TABLE notification_settings (
  org_id TEXT PRIMARY KEY REFERENCES organisations (id),
  escalate_to TEXT REFERENCES users (id),
  licence TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL
);

-- Where another system is told: a webhook, or a Microsoft Teams workflow. The
-- address of a workflow is a secret, so both are sealed.
CREATE TABLE hooks (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('webhook', 'teams')),
  host TEXT NOT NULL CHECK (host <> ''),
  address TEXT NOT NULL CHECK (address <> ''),
  secret TEXT NOT NULL DEFAULT '',
  topics TEXT NOT NULL,
  failing_since TIMESTAMP,
  disabled_at TIMESTAMP,
  disabled_why TEXT NOT NULL DEFAULT '',
  ended_at TIMESTAMP,
  version INTEGER NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, id)
);

-- Every message that is not a notice, and what became of it.
CREATE TABLE messages (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  id TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('mail', 'webhook', 'teams')),
  hook_id TEXT,
  user_id TEXT REFERENCES users (id),
  topic TEXT NOT NULL,
  record TEXT NOT NULL,
  seq BIGINT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'delivered', 'failed', 'cancelled')),
  attempts INTEGER NOT NULL DEFAULT 0,
  status INTEGER NOT NULL DEFAULT 0,
  problem TEXT NOT NULL DEFAULT '',
  at TIMESTAMP NOT NULL,
  leased_until TIMESTAMP,
  tried_at TIMESTAMP,
  settled_at TIMESTAMP,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, hook_id) REFERENCES hooks (org_id, id),
  CHECK ((channel = 'mail') = (hook_id IS NULL))
);
CREATE UNIQUE INDEX messages_once ON messages (org_id, hook_id, seq);
CREATE INDEX messages_queue ON messages (org_id, hook_id, record, seq) WHERE state = 'pending';
CREATE INDEX messages_at ON messages (org_id, at, id);

-- What a mail provider said of a message, as it said it.
CREATE TABLE provider_callbacks (
  provider TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  status TEXT NOT NULL,
  reference TEXT NOT NULL,
  happened_at TIMESTAMP NOT NULL,
  received_at TIMESTAMP NOT NULL,
  handled_at TIMESTAMP,
  PRIMARY KEY (provider, provider_id, status)
);
CREATE INDEX provider_callbacks_open ON provider_callbacks (received_at) WHERE handled_at IS NULL;

CREATE TABLE calendar_links (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  hash TEXT NOT NULL UNIQUE,
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, user_id)
);

-- What a member of the public says is used and may not be in the register.
CREATE TABLE flags (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  id TEXT NOT NULL,
  no TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  system TEXT NOT NULL CHECK (system <> ''),
  text TEXT NOT NULL CHECK (text <> ''),
  language TEXT NOT NULL CHECK (language IN ('en', 'cy')),
  status TEXT NOT NULL CHECK (status IN ('open', 'idea', 'known', 'closed')),
  answer TEXT NOT NULL DEFAULT '',
  deployment_id TEXT,
  answered_at TIMESTAMP,
  version INTEGER NOT NULL,
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, no),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id)
);
CREATE INDEX flags_at ON flags (org_id, at, id);

-- Providers speak of a message by its id alone.
CREATE INDEX dispatches_message ON dispatches (message_id);

-- What was said and signed stays.
-- +goose StatementBegin
CREATE TRIGGER dispute_events_refuse_update BEFORE UPDATE ON dispute_events
BEGIN SELECT RAISE(ABORT, 'frozen: dispute_events are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER dispute_events_refuse_delete BEFORE DELETE ON dispute_events
BEGIN SELECT RAISE(ABORT, 'frozen: dispute_events are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER meeting_minutes_refuse_update BEFORE UPDATE ON meeting_minutes
BEGIN SELECT RAISE(ABORT, 'frozen: meeting_minutes are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER meeting_minutes_refuse_delete BEFORE DELETE ON meeting_minutes
BEGIN SELECT RAISE(ABORT, 'frozen: meeting_minutes are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER minutes_agreements_refuse_update BEFORE UPDATE ON minutes_agreements
BEGIN SELECT RAISE(ABORT, 'frozen: minutes_agreements are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER minutes_agreements_refuse_delete BEFORE DELETE ON minutes_agreements
BEGIN SELECT RAISE(ABORT, 'frozen: minutes_agreements are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER engagements_refuse_update BEFORE UPDATE ON engagements
BEGIN SELECT RAISE(ABORT, 'frozen: engagements are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER engagements_refuse_delete BEFORE DELETE ON engagements
BEGIN SELECT RAISE(ABORT, 'frozen: engagements are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER engagement_groups_refuse_update BEFORE UPDATE ON engagement_groups
BEGIN SELECT RAISE(ABORT, 'frozen: engagement_groups are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER engagement_groups_refuse_delete BEFORE DELETE ON engagement_groups
BEGIN SELECT RAISE(ABORT, 'frozen: engagement_groups are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER engagement_themes_refuse_update BEFORE UPDATE ON engagement_themes
BEGIN SELECT RAISE(ABORT, 'frozen: engagement_themes are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER engagement_themes_refuse_delete BEFORE DELETE ON engagement_themes
BEGIN SELECT RAISE(ABORT, 'frozen: engagement_themes are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER questionnaires_refuse_update BEFORE UPDATE ON questionnaires
BEGIN SELECT RAISE(ABORT, 'frozen: questionnaires are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER questionnaires_refuse_delete BEFORE DELETE ON questionnaires
BEGIN SELECT RAISE(ABORT, 'frozen: questionnaires are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER questions_refuse_update BEFORE UPDATE ON questions
BEGIN SELECT RAISE(ABORT, 'frozen: questions are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER questions_refuse_delete BEFORE DELETE ON questions
BEGIN SELECT RAISE(ABORT, 'frozen: questions are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER questionnaire_unions_refuse_update BEFORE UPDATE ON questionnaire_unions
BEGIN SELECT RAISE(ABORT, 'frozen: questionnaire_unions are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER questionnaire_unions_refuse_delete BEFORE DELETE ON questionnaire_unions
BEGIN SELECT RAISE(ABORT, 'frozen: questionnaire_unions are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER questionnaire_answers_refuse_update BEFORE UPDATE ON questionnaire_answers
BEGIN SELECT RAISE(ABORT, 'frozen: questionnaire_answers are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER questionnaire_answers_refuse_delete BEFORE DELETE ON questionnaire_answers
BEGIN SELECT RAISE(ABORT, 'frozen: questionnaire_answers are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER statement_parties_refuse_update BEFORE UPDATE ON statement_parties
BEGIN SELECT RAISE(ABORT, 'frozen: statement_parties are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER statement_parties_refuse_delete BEFORE DELETE ON statement_parties
BEGIN SELECT RAISE(ABORT, 'frozen: statement_parties are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER statement_signatures_refuse_update BEFORE UPDATE ON statement_signatures
BEGIN SELECT RAISE(ABORT, 'frozen: statement_signatures are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER statement_signatures_refuse_delete BEFORE DELETE ON statement_signatures
BEGIN SELECT RAISE(ABORT, 'frozen: statement_signatures are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER positions_refuse_update BEFORE UPDATE ON positions
BEGIN SELECT RAISE(ABORT, 'frozen: positions are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER positions_refuse_delete BEFORE DELETE ON positions
BEGIN SELECT RAISE(ABORT, 'frozen: positions are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER cost_entries_refuse_update BEFORE UPDATE ON cost_entries
BEGIN SELECT RAISE(ABORT, 'frozen: cost_entries are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER cost_entries_refuse_delete BEFORE DELETE ON cost_entries
BEGIN SELECT RAISE(ABORT, 'frozen: cost_entries are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER cost_reversals_refuse_update BEFORE UPDATE ON cost_reversals
BEGIN SELECT RAISE(ABORT, 'frozen: cost_reversals are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER cost_reversals_refuse_delete BEFORE DELETE ON cost_reversals
BEGIN SELECT RAISE(ABORT, 'frozen: cost_reversals are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disputes_keep BEFORE UPDATE ON disputes
WHEN NOT (OLD.no IS NEW.no AND OLD.deployment_id IS NEW.deployment_id AND OLD.union_id IS NEW.union_id AND OLD.opened_by IS NEW.opened_by AND OLD.subject IS NEW.subject AND OLD.remedy IS NEW.remedy AND OLD.stages IS NEW.stages AND OLD.by_user_id IS NEW.by_user_id AND OLD.at IS NEW.at)
BEGIN SELECT RAISE(ABORT, 'frozen: what disputes began with stays'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER disputes_refuse_delete BEFORE DELETE ON disputes
BEGIN SELECT RAISE(ABORT, 'frozen: disputes are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER meetings_keep BEFORE UPDATE ON meetings
WHEN NOT (OLD.no IS NEW.no AND OLD.deployment_id IS NEW.deployment_id AND OLD.offered_by IS NEW.offered_by AND OLD.replaces IS NEW.replaces AND OLD.by_user_id IS NEW.by_user_id AND OLD.at IS NEW.at)
BEGIN SELECT RAISE(ABORT, 'frozen: what meetings began with stays'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER meetings_refuse_delete BEFORE DELETE ON meetings
BEGIN SELECT RAISE(ABORT, 'frozen: meetings are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER statements_keep BEFORE UPDATE ON statements
WHEN NOT (OLD.no IS NEW.no AND OLD.deployment_id IS NEW.deployment_id AND OLD.title IS NEW.title AND OLD.text IS NEW.text AND OLD.language IS NEW.language AND OLD.sha256 IS NEW.sha256 AND OLD.proposed_by IS NEW.proposed_by AND OLD.by_user_id IS NEW.by_user_id AND OLD.at IS NEW.at)
BEGIN SELECT RAISE(ABORT, 'frozen: what statements began with stays'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER statements_refuse_delete BEFORE DELETE ON statements
BEGIN SELECT RAISE(ABORT, 'frozen: statements are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER actions_keep BEFORE UPDATE ON actions
WHEN NOT (OLD.no IS NEW.no AND OLD.deployment_id IS NEW.deployment_id AND OLD.meeting_id IS NEW.meeting_id AND OLD.text IS NEW.text AND OLD.party IS NEW.party AND OLD.asked_by IS NEW.asked_by AND OLD.by_user_id IS NEW.by_user_id AND OLD.at IS NEW.at)
BEGIN SELECT RAISE(ABORT, 'frozen: what actions began with stays'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER actions_refuse_delete BEFORE DELETE ON actions
BEGIN SELECT RAISE(ABORT, 'frozen: actions are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER barriers_keep BEFORE UPDATE ON barriers
WHEN NOT (OLD.no IS NEW.no AND OLD.deployment_id IS NEW.deployment_id AND OLD.party IS NEW.party AND OLD.text IS NEW.text AND OLD.by_user_id IS NEW.by_user_id AND OLD.at IS NEW.at)
BEGIN SELECT RAISE(ABORT, 'frozen: what barriers began with stays'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER barriers_refuse_delete BEFORE DELETE ON barriers
BEGIN SELECT RAISE(ABORT, 'frozen: barriers are kept for good'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER flags_keep BEFORE UPDATE ON flags
WHEN NOT (OLD.no IS NEW.no AND OLD.hash IS NEW.hash AND OLD.system IS NEW.system AND OLD.text IS NEW.text AND OLD.at IS NEW.at)
BEGIN SELECT RAISE(ABORT, 'frozen: what flags began with stays'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER flags_refuse_delete BEFORE DELETE ON flags
BEGIN SELECT RAISE(ABORT, 'frozen: flags are kept for good'); END;
-- +goose StatementEnd

-- What somebody of a union hands in is opened by nobody else until it is cited.
ALTER TABLE attachments ADD COLUMN from_union BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX attachments_of_unions ON attachments (org_id, by_user_id) WHERE from_union;
CREATE INDEX deliveries_attachment ON deliveries (org_id, attachment_id) WHERE attachment_id IS NOT NULL;

-- The fields of a record that are kept from the public: a filter, a count or
-- an order by one of them would tell what it says.
CREATE TABLE deployment_withheld (
  org_id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  pos INTEGER NOT NULL,
  field TEXT NOT NULL,
  audience TEXT NOT NULL CHECK (audience IN ('public', 'scrutiny', 'unions')),
  until DATE NOT NULL,
  PRIMARY KEY (org_id, deployment_id, pos),
  FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id)
);
INSERT INTO deployment_withheld (org_id, deployment_id, pos, field, audience, until)
  SELECT d.org_id, d.id, w.key, json_extract(w.value, '$.field'), json_extract(w.value, '$.audience'), json_extract(w.value, '$.until')
  FROM deployments d JOIN json_each(d.record, '$.withheld') w;

-- +goose Down
DROP INDEX dispatches_message;
DROP TABLE flags;
DROP TABLE calendar_links;
DROP TABLE provider_callbacks;
DROP TABLE messages;
DROP TABLE hooks;
DROP TABLE notification_settings;
DROP TABLE topic_choices;
DROP TABLE inbox_items;
DROP TABLE cost_reversals;
DROP TABLE cost_entries;
DROP TABLE positions;
DROP TABLE statement_signatures;
DROP TABLE statement_parties;
DROP TABLE statements;
DROP TABLE barriers;
DROP TABLE actions;
DROP TABLE questionnaire_answers;
DROP TABLE questionnaire_unions;
DROP TABLE questions;
DROP TABLE questionnaires;
DROP TABLE engagement_themes;
DROP TABLE engagement_groups;
DROP TABLE engagements;
DROP TABLE minutes_agreements;
DROP TABLE meeting_minutes;
DROP TABLE meeting_parties;
DROP TABLE meetings;
DROP TABLE dispute_events;
DROP TABLE disputes;
DROP TABLE room_files;
DROP TABLE room_tallies;
DROP TABLE room_entries;
DROP TABLE deployment_withheld;
DROP INDEX deliveries_attachment;
DROP INDEX attachments_of_unions;
ALTER TABLE attachments DROP COLUMN from_union;
