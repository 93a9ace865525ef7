"""AWS clients, errors and DynamoDB items: nothing here knows about jobs or accounts."""
