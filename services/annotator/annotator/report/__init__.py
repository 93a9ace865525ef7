"""What is said about a result: log, summary, provenance."""
