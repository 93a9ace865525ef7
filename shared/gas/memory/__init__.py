"""The ports in memory, for tests and simulation; names mirror those of the AWS implementations."""
