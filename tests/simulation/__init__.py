"""Random schedules of the whole system in memory: tasks, faults, users, and a virtual clock."""
