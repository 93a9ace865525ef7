"""The process in which files of users are read: it is shut in, and does one task."""
