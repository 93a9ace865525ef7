"""The table of all variants: questions about a job's ``variants.parquet``, answered by DuckDB.

A request goes through these modules: ``parameters`` (URL to ``question``), ``steps`` (question to
conditions), ``queries`` (conditions to SQL), ``engine`` (SQL to rows), with the file from ``cache``
and its columns from ``schema``. ``service`` is what pages and API call.
"""
