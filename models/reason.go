package models

// Reason is a sentence to be said in either language: a key in the catalogues
// and what fills its blanks. Dates stay [Date] and texts stay [Text] until a
// language is chosen.
type Reason struct {
	Code   string `json:"code"`
	Params Params `json:"params,omitempty"`
}

func reason(code string, pairs ...any) Reason {
	r := Reason{Code: code}
	if len(pairs) > 0 {
		r.Params = (&Error{}).With(pairs...).Params
	}
	return r
}

// Words is what the catalogues need to say the reason.
func (r Reason) Words() (code string, params map[string]any) { return r.Code, r.Params }
