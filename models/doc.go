// Package models holds the words of Beforehand and their rules: deployments,
// recognitions, notices, the clock, the gate. Everything here is pure: no
// database, no network, no clock of its own. Time is always passed in. The
// only thing imported beyond the standard library is the bank-holiday calendar.
//
// Dates of law are civil dates ([Date]) in the employer's time zone; instants
// are [time.Time] in UTC, truncated to microseconds.
package models
