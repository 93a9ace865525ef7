"""A crash at every AWS call: production wiring, HTTP to the emulator, processes that really die."""
