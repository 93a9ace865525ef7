"""What operators see and do: readings of the whole installation, and the ports of their acts."""
