"""The templates of AWS, and the command that deploys them."""
