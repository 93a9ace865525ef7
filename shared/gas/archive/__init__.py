"""Cold storage: one port (``store``), two implementations: S3's Glacier class, and Glacier vaults.

When to archive is decided in ``gas.domain``; the services ``archiver`` and ``thawer`` do it.
"""
