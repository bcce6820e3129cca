"""How the HTTP side refuses: a status and a message id with English for who knows no Fluent.

Nothing else is in this file; no answer names a file's place on the server.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assets.text import translator
from sync_server.http.tokens import HttpRefused

SAFE_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache"}
Refusals = Callable[[str, str], None]  # message id, who


def refusal(error: HttpRefused) -> Response:
    """The answer to a request that is refused."""
    content = {
        "message_id": error.message_id,
        "arguments": error.arguments,
        "english": translator("en")(error.message_id, error.arguments),
    }
    headers = dict(SAFE_HEADERS)
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(content, error.status, headers)


def refuser(
    count: Refusals,
) -> Callable[[Request, Exception], Response]:
    """Starlette's handler for `HttpRefused`: counts it by name."""

    def handle(request: Request, error: Exception) -> Response:
        assert isinstance(error, HttpRefused)
        count(error.message_id, request.client.host if request.client else "?")
        return refusal(error)

    return handle
