"""Cold storage behind one interface; ``store`` is the port, ``s3`` the Glacier storage class."""
