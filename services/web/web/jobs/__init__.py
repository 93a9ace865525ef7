"""A user's jobs: submission, results, queue position. Pages and API share this package."""
