package main

// Constant is a figure that was measured, with where.
type Constant struct {
	Name  string
	Value float64
	Unit  string
	Where string
}

// Measured are the constants that the arithmetic stands on.
type Measured struct {
	Get, Search, PageRendered, PageKept, Create, Mail Constant
	WritesOfOneOrganisation                           Constant
	BytesOfDeployment, BytesOfComment, BytesOfEntry   Constant
	EntriesOfDeployment, EntriesOfComment             Constant
	MailsOfDeployment                                 Constant
	WALOfAct, BackupShare, BackupRate, AuditRate      Constant
}

// all are the constants in the order in which they are printed.
func (m Measured) all() []Constant {
	return []Constant{
		m.Get, m.Search, m.PageRendered, m.PageKept, m.Create, m.Mail, m.WritesOfOneOrganisation, m.BytesOfDeployment, m.BytesOfComment,
		m.BytesOfEntry, m.EntriesOfDeployment, m.EntriesOfComment, m.MailsOfDeployment, m.WALOfAct, m.BackupShare, m.BackupRate, m.AuditRate,
	}
}

const (
	http   = "bench/results/2026-11-23-d25e549.md, PostgreSQL, 100,000 deployments"
	mails  = "bench/results/2026-11-22-67fe033.md, letters on PostgreSQL"
	tables = "pg_total_relation_size of a seeded register of 10,000 deployments, 15 % light, and 100,000 comments"
	run    = "the same register, one run on the busy machine of bench/results"
)

// Here are the constants as measured on two shared cores. They are high where
// other work ran at the same time.
func Here() Measured {
	return Measured{
		Get:                     Constant{"a record", 0.69, "CPU s/1,000", http},
		Search:                  Constant{"a list or search", 6.11, "CPU s/1,000", http},
		PageRendered:            Constant{"a public page, rendered", 20.39, "CPU s/1,000", http + ", one whose notice is out"},
		PageKept:                Constant{"a public page, given again", 0.25, "CPU s/1,000", http},
		Create:                  Constant{"a create, with entry and jobs", 4.34, "CPU s/1,000", http + "; the jobs it promises are in it as far as they ran"},
		Mail:                    Constant{"a mail", 0.39, "CPU s/1,000", mails},
		WritesOfOneOrganisation: Constant{"acts of one organisation", 336, "a second", http + ": creates of 8 workers, on both cores with their load generator"},
		BytesOfDeployment:       Constant{"a deployment with versions, notices, deliveries, words", 47_500, "bytes", tables},
		BytesOfComment:          Constant{"a comment with its words and answer", 1403, "bytes", tables},
		BytesOfEntry:            Constant{"a log entry with its nodes", 1405, "bytes", tables},
		EntriesOfDeployment:     Constant{"log entries of a deployment", 8.64, "", tables},
		EntriesOfComment:        Constant{"log entries of a comment", 1.64, "", tables},
		MailsOfDeployment:       Constant{"mails of a deployment", 3.9, "", "the same: 1.94 messages of notices and 0.96 acknowledged with a receipt, and one piece of news for each of those"},
		WALOfAct:                Constant{"write-ahead log of an act", 24_000, "bytes", "pg_current_wal_lsn over 200 comments (23.6 kB) and 200 creates of full records (26.7 kB), jobs included, without full page images"},
		BackupShare:             Constant{"a backup against its database", 0.113, "", run + ": 106 MB of 937 MB"},
		BackupRate:              Constant{"a backup, written and tried", 14.3e6, "bytes a second", run + ": 937 MB in 65.6 s, of it 11.5 s of its own processor time"},
		AuditRate:               Constant{"checking a log against its rows", 38_000, "entries a second", run + ": 251,038 entries in 6.6 s"},
	}
}
