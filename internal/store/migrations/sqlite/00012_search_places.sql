-- +goose Up
-- The words of deployments stand in the order of registering, so that a search
-- for the newest reads no others: the place of a row is its second, and a number
-- within it. Of the marks only that of one deployment is still needed: to find
-- that of the organisation beside a word, all rows of it would be read.
CREATE TABLE searched AS SELECT f.org_id, f.deployment_id, f.body, (CAST(strftime('%s', substr(d.created_at, 1, 19)) AS INTEGER) << 30)
    + row_number() OVER (PARTITION BY substr(d.created_at, 1, 19) ORDER BY d.created_at, d.id) AS place
  FROM deployments_fts f JOIN deployments d ON d.org_id = f.org_id AND d.id = f.deployment_id;
DROP TABLE deployments_fts;
CREATE VIRTUAL TABLE deployments_fts USING fts5 (org_id UNINDEXED, deployment_id UNINDEXED, body, marks, tokenize = 'porter unicode61 remove_diacritics 2');
INSERT INTO deployments_fts (rowid, org_id, deployment_id, body, marks)
  SELECT place, org_id, deployment_id, body, 'zzd' || replace(lower(deployment_id), '-', '') || '0' FROM searched ORDER BY place;
DROP TABLE searched;

-- +goose Down
CREATE TABLE searched AS SELECT f.org_id, f.deployment_id, f.body, d.created_at
  FROM deployments_fts f JOIN deployments d ON d.org_id = f.org_id AND d.id = f.deployment_id;
DELETE FROM deployments_fts;
INSERT INTO deployments_fts (org_id, deployment_id, body, marks)
  SELECT org_id, deployment_id, body, 'zzo' || replace(lower(org_id), '-', '') || '0'
    || ' zzt' || strftime('%Y%m%d', substr(created_at, 1, 19)) || '0'
    || ' zzm' || strftime('%Y%m', substr(created_at, 1, 19)) || '0'
    || ' zzy' || strftime('%Y', substr(created_at, 1, 19)) || '0'
    || ' zzd' || replace(lower(deployment_id), '-', '') || '0'
  FROM searched ORDER BY created_at;
DROP TABLE searched;
