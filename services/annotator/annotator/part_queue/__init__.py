"""The life of a job whose file is cut into parts: how it begins, its messages, and its end."""
