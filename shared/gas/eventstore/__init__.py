"""The event log, its outbox and its projections.

``repository`` is the only way to change an aggregate; ``publisher`` is where an event is published.
Reading projections is in ``gas.tables``.
"""
