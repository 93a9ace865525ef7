"""Runs the annotation engine on submitted jobs."""
