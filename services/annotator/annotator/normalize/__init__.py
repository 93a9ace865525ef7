"""Puts records in order, and splits those of several alleles."""
