"""Pages that follow their job: one reader of the log for all who watch (docs: decision 53)."""
