"""What a browser had to complain of while it showed pages; a page is right only if that is nothing."""

from urllib.parse import urlsplit

# Left before it was there, or saved instead of shown.
_GIVEN_UP = "net::ERR_ABORTED"
# Chromium's own line for each answer from 400 on; those answers are looked at one by one below.
_NOT_LOADED = "Failed to load resource:"


class Watch:
    """The complaints about all pages of one browser context: consoles, content security policy, failed and foreign requests.

    An error page that somebody navigates to is none: tests ask for these on purpose, and look at its status themselves.
    """

    def __init__(self, context) -> None:
        self.origins: set[str] = set()  # those that may be asked for something
        self._faults: list[str] = []
        context.on("request", self._asked)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)
        context.on("console", self._said)
        context.on("weberror", lambda error: self._faults.append(f"script: {error.error}"))

    def take(self) -> list[str]:
        """Give what was complained of since the last call."""
        found = self._faults.copy()
        self._faults.clear()
        return found

    def _asked(self, request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob", "about"} and f"{parts.scheme}://{parts.netloc}" not in self.origins:
            self._faults.append(f"foreign request: {request.method} {request.url}")

    def _failed(self, request) -> None:
        if request.failure != _GIVEN_UP:
            self._faults.append(f"failed request: {request.method} {request.url}: {request.failure}")

    def _answered(self, response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self._faults.append(f"failed request: {response.request.method} {response.url}: {response.status}")

    def _said(self, message) -> None:
        if message.type == "error" and not message.text.startswith(_NOT_LOADED):
            self._faults.append(f"console: {message.text}")
