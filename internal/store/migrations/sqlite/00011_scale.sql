-- +goose Up
-- Marks narrow a search inside the word index: to one organisation, to a day,
-- month or year of registering, and to one deployment.
CREATE TABLE searched AS SELECT org_id, deployment_id, body FROM deployments_fts;
DROP TABLE deployments_fts;
CREATE VIRTUAL TABLE deployments_fts USING fts5 (org_id UNINDEXED, deployment_id UNINDEXED, body, marks, tokenize = 'porter unicode61 remove_diacritics 2');
INSERT INTO deployments_fts (org_id, deployment_id, body, marks)
  SELECT s.org_id, s.deployment_id, s.body, 'zzo' || replace(lower(s.org_id), '-', '') || '0'
    || ' zzt' || strftime('%Y%m%d', substr(d.created_at, 1, 19)) || '0'
    || ' zzm' || strftime('%Y%m', substr(d.created_at, 1, 19)) || '0'
    || ' zzy' || strftime('%Y', substr(d.created_at, 1, 19)) || '0'
    || ' zzd' || replace(lower(s.deployment_id), '-', '') || '0'
  FROM searched s JOIN deployments d ON d.org_id = s.org_id AND d.id = s.deployment_id ORDER BY d.created_at;
DROP TABLE searched;

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
CREATE TABLE searched AS SELECT org_id, deployment_id, body FROM deployments_fts;
DROP TABLE deployments_fts;
CREATE VIRTUAL TABLE deployments_fts USING fts5 (org_id UNINDEXED, deployment_id UNINDEXED, body, tokenize = 'porter unicode61 remove_diacritics 2');
INSERT INTO deployments_fts (org_id, deployment_id, body) SELECT org_id, deployment_id, body FROM searched;
DROP TABLE searched;
