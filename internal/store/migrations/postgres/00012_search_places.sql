-- +goose Up
-- Beside its words a deployment has the instant of its registering, so that a
-- search puts what it finds in order without reading the register. Long values
-- stand outside the row: a page holds some fifty rows, and not two.
--
-- Nobody writes meanwhile, or what an older release writes would be lost; reading
-- goes on until the new table takes the old one's place.
LOCK TABLE deployments, deployments_fts IN SHARE ROW EXCLUSIVE MODE;
CREATE TABLE searched (
  org_id TEXT NOT NULL,
  deployment_id TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT '-infinity',
  marks TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL,
  words TSVECTOR GENERATED ALWAYS AS
    (to_tsvector('english', body) || to_tsvector('simple', body) || array_to_tsvector(string_to_array(marks, ' '))) STORED
) WITH (toast_tuple_target = 128);
INSERT INTO searched (org_id, deployment_id, created_at, marks, body)
  SELECT f.org_id, f.deployment_id, d.created_at, f.marks, f.body
  FROM deployments_fts f JOIN deployments d ON d.org_id = f.org_id AND d.id = f.deployment_id ORDER BY d.created_at;
ALTER TABLE searched ADD CONSTRAINT searched_pkey PRIMARY KEY (org_id, deployment_id);
CREATE INDEX searched_words ON searched USING GIN (words) WITH (fastupdate = off);
-- What an older release, that still runs beside this one, adds without its instant.
CREATE INDEX searched_unmarked ON searched (org_id, deployment_id) WHERE created_at = '-infinity';
ALTER TABLE searched ADD CONSTRAINT searched_fkey FOREIGN KEY (org_id, deployment_id) REFERENCES deployments (org_id, id);
DROP TABLE deployments_fts;
ALTER TABLE searched RENAME TO deployments_fts;
ALTER INDEX searched_pkey RENAME TO deployments_fts_pkey;
ALTER INDEX searched_words RENAME TO deployments_fts_words;
ALTER INDEX searched_unmarked RENAME TO deployments_fts_unmarked;
ALTER TABLE deployments_fts RENAME CONSTRAINT searched_fkey TO deployments_fts_org_id_deployment_id_fkey;

-- +goose Down
DROP INDEX deployments_fts_unmarked;
ALTER TABLE deployments_fts DROP COLUMN created_at;
ALTER TABLE deployments_fts RESET (toast_tuple_target);
CREATE INDEX deployments_fts_unmarked ON deployments_fts (org_id, deployment_id) WHERE marks = '';
