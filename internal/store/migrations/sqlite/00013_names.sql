-- +goose Up
-- A search by name looks its lines up in the word index by the second of their
-- registering: with it the lines come from the index of names alone.
DROP INDEX deployments_name;
CREATE INDEX deployments_name ON deployments (org_id, name_en, id, created_at);
DROP INDEX deployments_audience_name;
CREATE INDEX deployments_audience_name ON deployments (org_id, audience, name_en, id, created_at);

-- +goose Down
DROP INDEX deployments_name;
CREATE INDEX deployments_name ON deployments (org_id, name_en, id);
DROP INDEX deployments_audience_name;
CREATE INDEX deployments_audience_name ON deployments (org_id, audience, name_en, id);
