"""Every port in memory: the same contracts as on AWS, for tests and simulation.

Nothing here sleeps or reads a clock: time is an argument, as everywhere.
"""
