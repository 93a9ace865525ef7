"""Cold storage: one port, two stores (S3 Glacier class, Glacier vault)."""
