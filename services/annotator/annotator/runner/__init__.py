"""Runs one annotation: a limited child process, parts side by side, the results put together."""
