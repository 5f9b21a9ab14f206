// Package evidence turns the frozen rows of one measure into a figure with an
// interval, and says what the figure cannot show.
//
// It is a library of statistics and nothing else: no files, no database, no
// clock. Everything is a function of its arguments. [Analyse] is the way in; it
// takes rows and a plan (a [Spec]) and gives an [Analysis] or a [Refusal]. The
// methods beneath it are exported one by one, so that each can be held against a
// published value or another program.
//
// Three rules hold throughout.
//
// A person is the unit. Rows of one worker are not independent, so they are
// averaged within worker and window before anything is compared, unless the plan
// says that a row is a person (an applicant, a respondent) or that whole teams
// were assigned.
//
// No figure for few people. Below Spec.MinPeople workers an analysis is refused,
// and a part of it (a group, a step of a series, a count) is left out.
//
// The same rows and plan give the same digits. Random draws come from streams
// seeded by the seed and the number of the draw, so they do not depend on the
// number of cores; sums are compensated and in a fixed order; products are
// rounded before they are added, so that no compiler fuses them.
//
// Functions of this package give NaN only where their comment says so; nothing in
// an [Analysis] is ever NaN or infinite.
package evidence
