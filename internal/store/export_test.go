package store

// DSN is the address that a PostgreSQL store was opened with.
func (s *Store) DSN() string { return s.dsn }

// ReadsStandby says whether what may lag is read from the standby now.
func (s *Store) ReadsStandby() bool { return s.standby.usable() != nil }
