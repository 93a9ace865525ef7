"""What it costs to annotate a file in parts, and what that means for files of any size."""
