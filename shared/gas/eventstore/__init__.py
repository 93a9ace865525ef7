"""The event log, its outbox and its projections: the only way to change an aggregate."""
