"""A caller of the gateway's API: fetches its own access tokens, and nothing more. For simulated partners, the demo and tests."""

import time
from typing import Any

import httpx2

# A token is fetched anew this many seconds before it runs out.
_MARGIN = 30.0


class ApiClient:
    """One access at one gateway, as its owner would use it from outside."""

    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        """Connect to nothing yet."""
        self.url = url
        self._credentials = httpx2.BasicAuth(client_id, client_secret)
        self._http = httpx2.Client(base_url=url, trust_env=False, timeout=30.0)
        self._token = ""
        self._good_until = 0.0

    def __repr__(self) -> str:
        """Show the address only."""
        return f"ApiClient({self.url})"

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def token(self) -> str:
        """Give a token that holds, fetching one where needed. Raises httpx2.HTTPError."""
        if time.monotonic() >= self._good_until:
            answer = self._http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=self._credentials)
            answer.raise_for_status()
            granted = answer.json()
            self._token = granted["access_token"]
            self._good_until = time.monotonic() + granted["expires_in"] - _MARGIN
        return self._token

    def call(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Make one call with the token; ``json``, ``content``, ``params`` and ``headers`` as httpx2 has them. Raises httpx2.HTTPError."""
        headers = {"authorization": f"Bearer {self.token()}", **options.pop("headers", {})}
        return self._http.request(method, path, headers=headers, **options)
