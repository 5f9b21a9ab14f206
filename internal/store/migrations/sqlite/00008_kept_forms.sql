-- +goose Up
-- What somebody typed and has not sent, sealed with the server's key.
CREATE TABLE kept_forms (
  org_id TEXT NOT NULL REFERENCES organisations (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  path TEXT NOT NULL,
  sealed TEXT NOT NULL,
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (org_id, user_id, path)
);
CREATE INDEX kept_forms_at ON kept_forms (at);

-- +goose Down
DROP TABLE kept_forms;
