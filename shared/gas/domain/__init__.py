"""Jobs and accounts: pure folds of their events (``evolve``), and rules (``decide``).

No clock and no I/O: a time or an id that a rule needs is an argument.
"""
