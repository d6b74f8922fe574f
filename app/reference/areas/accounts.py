"""Clients, their keys, and the provider keys they keep."""

from app.answers import operators
from app.bodies import AnyCredentialBody, ClientBody, CredentialBody, KeyBody
from app.reference.areas import examples
from app.reference.areas.lanes import LANE
from app.reference.operations import Answer, Area, Operation, Takes
from app.routes.clients import ClientChangeBody
from app.routes.keys import RotateBody

_CLIENT: operators.Client = {
    "id": examples.CLIENT,
    "name": "studio",
    "weight": 2,
    "maxQueued": None,
    "budgetUsdPerDay": None,
    "budgetUsdPerMonth": 200,
    "createdAt": "2026-11-24T12:00:00Z",
}
_KEY: operators.Key = {
    "id": "3c9d7f0a-1f64-4a0b-8d7e-2b8c1d5e6f70",
    "clientId": examples.CLIENT,
    "name": "ci",
    "prefix": "rw_4f2c9ab1",
    "scopes": ["generate", "read"],
    "createdAt": "2026-11-24T12:00:00Z",
    "expiresAt": None,
    "revokedAt": None,
    "lastUsedAt": None,
}
_CREDENTIAL: operators.Credential = {
    "id": "9a1e5b32-64d7-4c0e-b6a1-77f4c2d8e915",
    "clientId": examples.CLIENT,
    "provider": "omni",
    "baseUrl": "https://video.example.com",
    "laneId": LANE["id"],
    "source": "stored",
    "last4": "6789",
    "createdAt": "2026-11-24T12:00:00Z",
    "revokedAt": None,
}
_SECRET = "rw_4f2c9ab1d7e84c06b5a3f1902e7d6c58"
_NEW_KEY: operators.NewKey = {**_KEY, "key": _SECRET}
_ROTATED: operators.RotatedKey = {
    **_NEW_KEY,
    "replaces": {"id": "d8e4f6a2-0b1c-4d3e-9f5a-6b7c8d9e0f11", "expiresAt": "2026-11-25T12:00:00Z"},
}
_STORED: operators.StoredCredential = {**_CREDENTIAL, "checked": True}
_LISTED = Operation(
    summary="Provider keys that are kept",
    answers={
        200: Answer(
            "Their last four letters only.", operators.Credentials, operators.Credentials(credentials=[_CREDENTIAL])
        )
    },
)
_STORE_CODES = ("wrong_key_kind", "malformed_key", "no_project", "key_refused", "model_not_found")


def _store(takes: Takes) -> Operation:
    return Operation(
        summary="Keep a provider key",
        description="Sealed, after its provider was asked, by a call that costs nothing, whether it takes it.",
        takes=takes,
        answers={201: Answer("Kept.", operators.StoredCredential, _STORED)},
        codes=_STORE_CODES,
    )


def _revoked(summary: str, description: str, id: str) -> Operation:
    answer = Answer("Revoked.", operators.Revoked, operators.Revoked(id=id, status="revoked"))
    return Operation(summary=summary, description=description, answers={200: answer})


_REVOKE = _revoked(
    "Take a provider key out of use", "Videos that were accepted with it go on with it.", _CREDENTIAL["id"]
)

AREA = Area(
    "Keys and clients",
    "Who may call, and with whose provider account.",
    {
        ("GET", "/api/credentials"): _LISTED,
        ("POST", "/api/credentials"): _store(
            Takes(CredentialBody, {"provider": "omni", "key": "AIzaSyExample-0123456789"})
        ),
        ("DELETE", "/api/credentials/{credential_id}"): _REVOKE,
        ("GET", "/api/admin/clients"): Operation(
            summary="All clients",
            answers={200: Answer("All of them.", operators.Clients, operators.Clients(clients=[_CLIENT]))},
        ),
        ("POST", "/api/admin/clients"): Operation(
            summary="Make a client",
            takes=Takes(ClientBody, {"name": "studio", "weight": 2}),
            answers={201: Answer("Made.", operators.Client, _CLIENT)},
            codes=("name_taken",),
        ),
        ("PATCH", "/api/admin/clients/{client_id}"): Operation(
            summary="Change a client",
            description="Only the members that are sent change.",
            takes=Takes(ClientChangeBody, {"weight": 3, "budgetUsdPerMonth": 200}),
            answers={200: Answer("As it is now.", operators.Client, _CLIENT)},
            codes=("name_taken",),
        ),
        ("GET", "/api/admin/keys"): Operation(
            summary="All keys",
            answers={200: Answer("Their first letters only.", operators.Keys, operators.Keys(keys=[_KEY]))},
        ),
        ("POST", "/api/admin/keys"): Operation(
            summary="Make a key",
            takes=Takes(KeyBody, {"client": "studio", "name": "ci", "scopes": ["generate", "read"]}),
            answers={201: Answer("The key is in this answer alone.", operators.NewKey, _NEW_KEY)},
            codes=("not_found",),
        ),
        ("DELETE", "/api/admin/keys/{key_id}"): _revoked(
            "Revoke a key", "Holds in every process within a second.", _KEY["id"]
        ),
        ("POST", "/api/admin/keys/{key_id}/rotate"): Operation(
            summary="Replace a key",
            description="The old one opens everything for `overlapSeconds` more.",
            takes=Takes(RotateBody, {"overlapSeconds": 3600}, required=False),
            answers={201: Answer("The new key is in this answer alone.", operators.RotatedKey, _ROTATED)},
        ),
        ("GET", "/api/admin/credentials"): _LISTED,
        ("POST", "/api/admin/credentials"): _store(
            Takes(
                AnyCredentialBody,
                {"provider": "omni", "key": "AIzaSyExample-0123456789", "clientId": examples.CLIENT},
            )
        ),
        ("DELETE", "/api/admin/credentials/{credential_id}"): _REVOKE,
    },
)
