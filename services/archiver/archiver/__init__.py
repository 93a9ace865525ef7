"""The archiver: moves the results of Free users to cold storage once their grace period is over.

It also erases what users delete.
"""
