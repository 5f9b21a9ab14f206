-- +goose Up
-- Nothing: SQLite's indexes by name change. The schemas of both engines have one
-- number, for what goes out of one comes into the other.
SELECT 1;

-- +goose Down
SELECT 1;
