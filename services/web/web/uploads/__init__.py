"""Uploads that browsers and scripts send in parts, so that they survive a lost connection."""
