"""Files of the chosen variants, streamed: what the table shows, in the same columns and order."""
