"""Queues: consumer loop, deliveries, fan-out, effect claims, leases, dead letters."""
