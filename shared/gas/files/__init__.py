"""Files in S3, one bucket as a port."""
