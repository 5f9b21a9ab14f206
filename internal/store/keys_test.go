package store_test

import (
	"database/sql"
	"strings"
	"testing"

	"beforehand/internal/store/storetest"
)

// ofTheInstallation are the tables that belong to no one organisation, each
// with why. A distributed engine would keep them on every node, or on one.
var ofTheInstallation = map[string]string{
	"users":              "an account may work for several organisations",
	"identities":         "an account's link to its identity provider",
	"passkeys":           "an account's",
	"totps":              "an account's",
	"recovery_codes":     "an account's",
	"mailed_codes":       "an account's, before it is known which organisation it is for",
	"sessions":           "found by the hash of its token alone; it may move between organisations",
	"tokens":             "found by the hash of its secret alone",
	"token_addresses":    "a token's",
	"attempts":           "counts refused sign-ins, before anybody is known",
	"security_events":    "those of the installation have no organisation",
	"backups":            "a backup is of the whole database",
	"organisations":      "it is the list of them",
	"provider_callbacks": "a provider's word, before it is known whose message it is of",
	"goose_db_version":   "the migrations' own",
	"river_job":          "the queue's own: one for all",
	"river_leader":       "the queue's own",
	"river_queue":        "the queue's own",
	"river_client":       "the queue's own",
	"river_client_queue": "the queue's own",
	"river_migration":    "the queue's own",
}

// secrets are unique over the whole installation because each is a hash of a
// secret that is looked up before it is known whose it is, or a public key.
var secrets = map[string]bool{
	"calendar_links(hash)": true, "flags(hash)": true, "invitations(hash)": true, "signing_keys(public)": true,
}

// uniqueOf lists table and columns, in order, of every primary key and unique
// index, of an index over an expression with what it says of it.
var uniqueOf = map[string]string{
	"postgres": `SELECT t.relname, string_agg(pg_get_indexdef(i.indexrelid, k.n::int, true), ', ' ORDER BY k.n)
		FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid CROSS JOIN LATERAL generate_series(1, i.indnkeyatts) AS k(n)
		WHERE i.indisunique AND t.relnamespace = 'public'::regnamespace GROUP BY t.relname, i.indexrelid`,
	"sqlite": `SELECT m.name, (SELECT group_concat(name, ', ') FROM (SELECT p.name FROM pragma_table_info(m.name) p WHERE p.pk > 0 ORDER BY p.pk))
		FROM sqlite_master m WHERE m.type = 'table' AND m.name NOT LIKE 'deployments_fts%' AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) p WHERE p.pk > 0)
		UNION ALL SELECT m.name, (SELECT group_concat(COALESCE(name, ''), ', ') FROM (SELECT c.name FROM pragma_index_info(l.name) c ORDER BY c.seqno))
		FROM sqlite_master m JOIN pragma_index_list(m.name) l WHERE m.type = 'table' AND l."unique" = 1 AND l.origin <> 'pk' AND m.name NOT LIKE 'deployments_fts%'`,
}

// TestEveryKeyBeginsWithTheOrganisation on both engines: so that rows of one
// organisation lie together, none can take a name from another, and the
// database can be spread over machines by organisation.
func TestEveryKeyBeginsWithTheOrganisation(t *testing.T) {
	t.Parallel()
	for engine, query := range uniqueOf {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			driver := map[string]string{"postgres": "pgx", "sqlite": "sqlite"}[engine]
			db := need(sql.Open(driver, storetest.DSN(t, engine)))(t)
			t.Cleanup(func() { _ = db.Close() })
			rows := need(db.QueryContext(t.Context(), query))(t)
			defer rows.Close()
			keys, exempt := 0, map[string]bool{}
			for rows.Next() {
				var table, key string
				must(t, rows.Scan(&table, &key))
				keys++
				switch {
				case key == "org_id" || strings.HasPrefix(key, "org_id,"):
				case ofTheInstallation[table] != "" || secrets[table+"("+key+")"]:
					exempt[table] = true
				default:
					t.Errorf("%s(%s) does not begin with the organisation, and nobody has said why", table, key)
				}
			}
			must(t, rows.Err())
			if keys < 100 {
				t.Errorf("only %d keys were found", keys)
			}
			for table := range ofTheInstallation {
				if !exempt[table] {
					t.Errorf("%s is listed for nothing", table)
				}
			}
		})
	}
}
