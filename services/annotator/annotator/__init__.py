"""The annotator: runs the annotation engine on submitted jobs."""
