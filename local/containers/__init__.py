"""Docker: images, LocalStack, and what is checked before either starts."""
