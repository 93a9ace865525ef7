"""Settings with which the web server starts in production."""

from typing import Any

PRODUCTION: dict[str, Any] = {
    "env": "production",
    "account_id": "123456789012",
    "public_url": "https://gas.example.org",
    "session_secret": "s" * 40,
    "oidc_issuer": "https://auth.example.org",
    "oidc_client_id": "client",
    "oidc_client_secret": "o" * 40,
}
