"""What belongs to a person beside the event log: marks, saved filters, layouts, shares."""
