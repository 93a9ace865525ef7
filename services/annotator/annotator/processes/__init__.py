"""Child processes, pipelines of programs, and their limits."""
