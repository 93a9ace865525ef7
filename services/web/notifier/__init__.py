"""The notifier: mails users about their jobs; a second process of the web image."""
