"""Annotation engines as programs."""
