"""What the deployment must hold: roles, templates."""
