"""Cold storage behind one interface: ``store`` is the port, ``s3`` the Glacier storage class,
``vault`` the original Glacier API (by boto3 in ``glacier``), ``stores`` both as one.
"""
