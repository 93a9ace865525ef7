"""The process around the handlers: start and stop (``worker``), repositories on AWS."""
