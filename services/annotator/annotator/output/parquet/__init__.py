"""Writes ``variants.parquet``: the table of all variants that programs and the browser query."""
