"""The warm engine: a process that has a bundle's transcripts loaded and answers many jobs.

``loader`` is that process. It loads, never annotates, and forks ``server`` processes that do.
``client`` is the engine as a job's process sees it, ``pool`` is what the worker keeps.
"""
