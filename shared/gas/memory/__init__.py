"""The ports in memory, for tests and simulation: module for module as the implementations on AWS.

``tests/contract`` runs on both.
"""
