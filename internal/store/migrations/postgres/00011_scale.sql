-- +goose Up
-- Marks narrow a search inside the word index: to one organisation, and to a
-- day, month or year of registering.
ALTER TABLE deployments_fts DROP COLUMN words;
ALTER TABLE deployments_fts ADD COLUMN marks TEXT NOT NULL DEFAULT '';
UPDATE deployments_fts f SET marks = '=o' || regexp_replace(lower(f.org_id), '[^a-z0-9]', '', 'g') || '0'
    || ' =t' || to_char(d.created_at AT TIME ZONE 'UTC', 'YYYYMMDD') || '0'
    || ' =m' || to_char(d.created_at AT TIME ZONE 'UTC', 'YYYYMM') || '0'
    || ' =y' || to_char(d.created_at AT TIME ZONE 'UTC', 'YYYY') || '0'
  FROM deployments d WHERE d.org_id = f.org_id AND d.id = f.deployment_id;
ALTER TABLE deployments_fts ADD COLUMN words TSVECTOR GENERATED ALWAYS AS
  (to_tsvector('english', body) || to_tsvector('simple', body) || array_to_tsvector(string_to_array(marks, ' '))) STORED;
-- New words go into the index at once: a list of what is still to go in would be
-- read from end to end by every search.
CREATE INDEX deployments_fts_words ON deployments_fts USING GIN (words) WITH (fastupdate = off);
-- What an older release, that still runs beside this one, adds without marks.
CREATE INDEX deployments_fts_unmarked ON deployments_fts (org_id, deployment_id) WHERE marks = '';

-- What one circle reads, in the orders that lists have.
CREATE INDEX deployments_audience_updated ON deployments (org_id, audience, updated_at, id);
CREATE INDEX deployments_audience_name ON deployments (org_id, audience, name_en, id);

-- What an operator's figures are counted by.
CREATE INDEX notices_served ON notices (served_at);
CREATE INDEX deliveries_recorded ON deliveries (recorded_at);
CREATE INDEX messages_when ON messages (at);

-- +goose Down
DROP INDEX messages_when;
DROP INDEX deliveries_recorded;
DROP INDEX notices_served;
DROP INDEX deployments_audience_name;
DROP INDEX deployments_audience_updated;
DROP INDEX deployments_fts_unmarked;
ALTER TABLE deployments_fts DROP COLUMN words;
ALTER TABLE deployments_fts DROP COLUMN marks;
ALTER TABLE deployments_fts ADD COLUMN words TSVECTOR GENERATED ALWAYS AS (to_tsvector('english', body) || to_tsvector('simple', body)) STORED;
CREATE INDEX deployments_fts_words ON deployments_fts USING GIN (words);
