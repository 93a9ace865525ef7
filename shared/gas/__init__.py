"""GAS, the Genomics Annotation Service: what every service shares.

Each package imports only packages to the right of it: ``runtime`` → ``archive`` → ``tables``,
``files``, ``messaging`` → ``eventstore`` → ``observability`` → ``aws`` → ``settings`` →
``domain`` → ``events``. ``memory`` implements their ports for tests.
"""
