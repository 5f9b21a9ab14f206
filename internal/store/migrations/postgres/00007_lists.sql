-- What a person keeps for themselves between two looks: files that wait to be
-- imported, how columns were mapped, views of the register, when they were here.
-- +goose Up

-- A file on its way into the register. It is destroyed some days after it came,
-- whether it was imported or not. Only who sent it can import it.
CREATE TABLE import_files (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  id TEXT NOT NULL,
  by_user_id TEXT NOT NULL REFERENCES users (id),
  file_name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  data BYTEA NOT NULL,
  map TEXT NOT NULL DEFAULT '',
  choices TEXT NOT NULL DEFAULT '',
  at TIMESTAMPTZ NOT NULL,
  import_id TEXT,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, import_id) REFERENCES imports (org_id, id)
);
CREATE INDEX import_files_at ON import_files (at);
CREATE INDEX import_files_by ON import_files (org_id, by_user_id);
CREATE UNIQUE INDEX import_files_import ON import_files (org_id, import_id) WHERE import_id IS NOT NULL;
CREATE INDEX imports_at ON imports (org_id, at, id);

-- How the columns of files with these headings were last mapped by hand.
CREATE TABLE import_choices (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  headings TEXT NOT NULL CHECK (headings <> ''),
  choices TEXT NOT NULL CHECK (choices <> ''),
  by_user_id TEXT NOT NULL REFERENCES users (id),
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, headings)
);

-- A filter of the register that somebody gave a name. It is theirs alone.
CREATE TABLE saved_views (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  id TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES users (id),
  name TEXT NOT NULL CHECK (name <> ''),
  query TEXT NOT NULL,
  at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX saved_views_name ON saved_views (org_id, user_id, name);

-- When somebody was last on their first page: before is when the visit before
-- this one ended, and what has changed since is new to them.
CREATE TABLE visits (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  before_at TIMESTAMPTZ NOT NULL,
  last_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (org_id, user_id)
);

-- The register as it was at the end of a day: the newest save of each deployment by then.
CREATE INDEX deployment_versions_at ON deployment_versions (org_id, deployment_id, at, number);

-- +goose Down
DROP INDEX deployment_versions_at;
DROP TABLE visits;
DROP TABLE saved_views;
DROP TABLE import_choices;
DROP INDEX imports_at;
DROP TABLE import_files;
