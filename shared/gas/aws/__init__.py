"""AWS clients, errors and DynamoDB items: nothing here knows of jobs or accounts."""
