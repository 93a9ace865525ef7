"""Files in S3: one bucket as a port (``bucket``), and its implementation (``s3``)."""
