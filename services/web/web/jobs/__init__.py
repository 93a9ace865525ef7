"""A user's jobs: submission, results, place in the queue."""
