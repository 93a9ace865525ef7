"""SQS: the consumer loop, deliveries and retries, fan-out, effect claims, leases, dead letters."""
