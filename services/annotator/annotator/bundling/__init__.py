"""Builds and checks reference bundles; docs/bundles.md shows how."""
