"""All that a user has, as one zip that is written while it is sent."""
