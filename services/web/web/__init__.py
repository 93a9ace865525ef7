"""The web server: pages, REST API, login, accounts, submission of jobs."""
