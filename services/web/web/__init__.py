"""Browser pages, REST API, accounts and billing; and, as a second process, the notifier."""
