"""Google's way to word an error and to name a caller, by API key or by bearer token."""

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reelwork.simulator.refusals import Refusal

_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    410: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class GoogleFace:
    """Errors as {"error": {code, message, status, details}}; `dialect` names the API behind it."""

    def __init__(self, dialect: str, takes_api_key: bool) -> None:
        self.dialect = dialect
        self._takes_api_key = takes_api_key

    def credential(self, request: Request) -> str:
        if not self._takes_api_key:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            return token.strip() if scheme.lower() == "bearer" else ""
        key = request.headers.get("x-goog-api-key") or request.query_params.get("key", "")
        if key.startswith("invalid"):
            raise Refusal(400, "API key not valid. Please pass a valid API key.", "API_KEY_INVALID")
        return key

    def refuse(self, refusal: Refusal) -> Response:
        refusal = self._as_google_says(refusal)
        error: dict[str, Any] = {"code": refusal.status, "message": refusal.message}
        if refusal.in_service and self.dialect == "omni":
            error["code"] = refusal.code or "invalid_request"
        else:
            error["status"] = _STATUSES.get(refusal.status, "INTERNAL" if refusal.status >= 500 else "INVALID_ARGUMENT")
            error["details"] = _details(refusal)
        body: Any = [{"error": error}] if refusal.as_array else {"error": error}
        return JSONResponse(body, refusal.status, headers=dict(refusal.headers))

    def _as_google_says(self, refusal: Refusal) -> Refusal:
        if self._takes_api_key and refusal.is_about_key:
            words = (
                "Method doesn't allow unregistered callers."
                if refusal.code == "missing_api_key"
                else ("Your API key was reported as leaked. Please use another API key.")
            )
            return Refusal(403, words, "permission_denied", as_array=refusal.as_array)
        if refusal.is_about_key:
            refusal.message = "Request had invalid authentication credentials."
        if refusal.code == "sentinel_block":
            refusal.message = "The prompt could not be submitted: it violates our usage guidelines."
        return refusal


def timestamp(unix_s: float) -> str:
    """RFC 3339 in UTC with microseconds."""
    return datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _details(refusal: Refusal) -> list[dict[str, Any]]:
    if refusal.code not in ("API_KEY_INVALID", "insufficient_quota", "expired_token"):
        return []
    reasons = {"insufficient_quota": "BILLING_QUOTA_EXCEEDED", "expired_token": "ACCESS_TOKEN_EXPIRED"}
    info = "type.googleapis.com/google.rpc.ErrorInfo"
    reason = reasons.get(refusal.code, refusal.code)
    return [{"@type": info, "reason": reason, "domain": "googleapis.com", "metadata": {}}]
