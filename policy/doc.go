// Package policy says who may do what, and what is owed.
//
// Who may do what is one function, [Check]: a casbin model and readable policy
// lines give each role its acts and how far they reach; the limits of the
// record itself (organisation, service area, union, audience) are tried in Go
// after that. It denies by default, and [Explain] names the line that decided.
//
// What is owed (periods, cut-off hours, mandatory items) is data: policy
// profiles in YAML, checked when they are loaded, with file and line named.
//
// Which person holds which role is not here: the register keeps that.
package policy
