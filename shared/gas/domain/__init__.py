"""Jobs and accounts: pure folds of their events, and the rules of what may follow what.

No clock, no I/O: a moment or an id that a rule needs is an argument.
"""
