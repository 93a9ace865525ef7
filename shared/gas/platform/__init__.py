"""The machinery that every service stands on: log, outbox, queues, files, archive, settings.

Each port is a Protocol beside its AWS implementation; ``gas.platform.memory`` holds the others.
"""
