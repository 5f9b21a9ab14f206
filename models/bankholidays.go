package models

func bankHoliday(_ Nation, _ Date) string { return "" }
