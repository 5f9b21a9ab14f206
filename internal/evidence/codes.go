package evidence

// RefusalCodes are all codes of a [Refusal], so that words for each can be held to be
// there. In brackets the parameters.
var RefusalCodes = []string{
	"all_ties",             // ranks of equal values tell nothing
	"bad_spec",             // the plan makes no sense (field; for a column's length need, have)
	"bootstrap_degenerate", // most draws have no spread (kept, draws); from a method alone
	"constant",             // all units are alike
	"no_arm",               // no row states an arm
	"no_period",            // no row lies in a window
	"no_selection",         // nobody, or nobody of the reference, was selected
	"not_binary",           // a value is not 0 or 1 (row, the first, from 0; rows)
	"not_finite",           // a value is infinite (row, rows), or a figure would be (none)
	"not_positive",         // a logarithm needs more than 0 (row, rows)
	"one_arm",              // rows of one arm alone (arm)
	"one_cluster",          // one unit decides all
	"one_group",            // a ratio needs two groups
	"one_period",           // rows of one window alone (period)
	"singular",             // the effect cannot be told from other causes
	"too_few_people",       // fewer than k (need, have)
	"too_few_rows",         // (need, have)
	"too_few_steps",        // of a series (need, before, after)
}

// NoteCodes are all codes of a [Note].
var NoteCodes = []string{
	"balance_without_spread",       // constants that differ (what)
	"bootstrap_degenerate",         // draws without spread: the closed form was used
	"comparison_ignored",           // a design of one arm left the other out (rows)
	"covariate_dropped",            // the baseline could not be adjusted for
	"effects_may_differ",           // two-way fixed effects weigh effects that change with time unevenly
	"few_clusters",                 // fewer than ten units in a rollout (clusters)
	"few_teams",                    // arms of whole teams, fewer than ten (comparison, with)
	"groups_suppressed",            // groups of fewer than k (groups)
	"interval_replaced",            // the interval asked for does not go with it (asked, used)
	"invited_too_few",              // more took part than were invited (comparison, with)
	"no_baseline",                  // too few workers have one to compare the arms
	"no_comparison",                // what else changed cannot be told from the effect
	"not_computable",               // a figure beside the primary one was left out (what)
	"pre_trend_unknown",            // dates of the baseline do not tell
	"reference_chosen",             // the group with the highest rate (group)
	"rows_not_independent",         // rows are units, and people come more than once (rows, workers)
	"steps_left_out",               // steps of fewer than k people (steps)
	"summary_suppressed",           // fewer than k in an arm and window (arm, period)
	"volume_ignored",               // rows are units, whatever they stand for
	"window_contradicts_start",     // rows whose window and date disagree about the start (rows)
	"workers_in_both_arms",         // left out (workers)
	"workers_in_one_arm_only",      // no comparison of their own, left out (workers)
	"workers_without_arm",          // left out (workers)
	"workers_without_baseline",     // not in the adjusted figure (workers)
	"workers_without_both_windows", // no change to tell, left out (comparison, with)
	"workers_without_pair",         // left out (workers)
	"zero_cell",                    // nobody of a group was selected (group)
	"zero_variance_arm",            // all units of an arm alike (arm)
}

// CheckCodes are all codes of a [Check].
var CheckCodes = []string{"attrition", "four_fifths", "pre_trend", "sample_ratio"}
