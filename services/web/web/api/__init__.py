"""The REST API, version 1. Every error is a problem of ``web.problems``."""
