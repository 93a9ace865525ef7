"""How much and how often: rate limits of users and addresses, and how much each plan may hold."""
