"""Reads of the projections, and the tables that are no projections: profiles, uploads, progress."""
