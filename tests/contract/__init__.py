"""The contract of each port: the same tests for its AWS and its in-memory implementation."""
