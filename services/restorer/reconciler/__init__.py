"""Reconciliation: finds what nobody else notices, in the process of the restorer."""
