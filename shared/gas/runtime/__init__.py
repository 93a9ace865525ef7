"""What a worker process does around its handlers."""
