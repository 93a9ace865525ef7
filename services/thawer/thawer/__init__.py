"""The thawer: copies results back that cold storage has made readable again."""
