-- The colour of the pages' header, which an employer may choose.
-- +goose Up
ALTER TABLE organisations ADD COLUMN header_colour TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE organisations DROP COLUMN header_colour;
