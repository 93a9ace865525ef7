"""Reads of the projections (jobs, accounts), and tables that are not projections.

Those are profiles (a user's e-mail address is there and nowhere else), uploads and progress.
Projections are written by ``gas.eventstore`` only.
"""
