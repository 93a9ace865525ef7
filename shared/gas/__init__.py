"""GAS, the Genomics Annotation Service: what every service shares.

Three floors, each importing only downward: ``gas.platform`` → ``gas.domain`` → ``gas.events``.
"""
