package main

import (
	"cmp"
	"slices"
)

// Break is something that runs out.
type Break struct {
	Name             string
	Demand, Capacity float64
	Unit             string
	// Then is what is done about it.
	Then string
}

// Room is how many times the demand could be met.
func (b Break) Room() float64 { return b.Capacity / b.Demand }

// What is assumed of the machines, where nothing could be measured.
const (
	// walArchive is what a replica or an archive takes, in bytes a second.
	walArchive = 50e6
	// connectionsOfServer is max_connections of PostgreSQL as it comes.
	connectionsOfServer = 100
	// freezeAge is how many transactions autovacuum lets pass before it must
	// freeze a table (autovacuum_freeze_max_age as it comes).
	freezeAge = 200e6
	// oneMachine is the number of cores of a large database machine.
	oneMachine = 64
	// auditHours is how long a check of the largest log may take.
	auditHours = 8
)

// Breaks are the things that run out in year ten, the first first.
func Breaks(in Installation, m Measured) []Break {
	years := Years(in, m, 10)
	last := years[len(years)-1]
	load := Busiest(in, m)
	acts := in.worstActs(m)
	connections := in.Replicas * max(16, 4*in.CoresOfReplica)
	out := []Break{
		{"processors in one machine", load.Cores() / in.Use, oneMachine, "cores", "servers on machines of their own (several replicas are supported); public pages behind a cache that honours their ETag"},
		{"the log's head of the largest employer", acts * in.Largest, m.WritesOfOneOrganisation.Value, "acts/s", "acts of one employer queue for its head, others do not: answers become slow there and nowhere else; imports and mass answers as one act each"},
		{"write-ahead log to an archive or standby", acts * m.WALOfAct.Value / 1e6, walArchive / 1e6, "MB/s", "a faster link; the record's text twice in each act (row and version) is most of it"},
		{"connections", connections, connectionsOfServer, "connections", "max_connections of 200, or a pooler in session mode: jobs listen and migrations lock by session"},
		{"nightly backup in its window", last.Bytes / m.BackupRate.Value / 3600, in.BackupHours, "hours", "PostgreSQL's own continuous archiving for the whole, `beforehand backup` weekly or one organisation at a time"},
		{"freezing of the largest tables", in.actsAYear(m), freezeAge, "transactions a year", "at this age the log, which never changes, is read once to be frozen: vacuum freeze it by night, and partition by organisation when a pass takes longer than the night"},
		{"checking the largest log at once", last.Entries * in.Largest / m.AuditRate.Value / 3600, auditHours, "hours", "from the last checkpoint that was checked on; the proofs themselves grow with the logarithm"},
		{"database in memory of 256 GB", last.Bytes / 1e9, 256, "GB", "old versions and notices are cold: the indexes and the newest year are what must fit"},
	}
	slices.SortStableFunc(out, func(a, b Break) int { return cmp.Compare(a.Room(), b.Room()) })
	return out
}
