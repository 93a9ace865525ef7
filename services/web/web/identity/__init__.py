"""Authentication: login and sessions of browsers, API tokens of programs."""
