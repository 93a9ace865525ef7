"""The whole stack as processes, used as people and programs use it."""
