"""The verdict on a file: what each record is, and whether header and values are right."""
