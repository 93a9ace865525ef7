"""Benchmarks. They print tables and assert nothing about time; see README.md here."""
