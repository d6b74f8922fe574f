"""The description itself."""

from app.reference.operations import Answer, Area, Operation

AREA = Area(
    "This description",
    "Open without a key.",
    {
        ("GET", "/openapi.json"): Operation(
            summary="The API as an OpenAPI 3.1 document",
            answers={200: Answer("This document.", {"type": "object"}, media=("application/json",))},
        ),
        ("GET", "/docs"): Operation(
            summary="This page",
            answers={200: Answer("A page that asks no other server.", {"type": "string"}, media=("text/html",))},
        ),
        ("GET", "/docs/{name}"): Operation(
            summary="Its script and its style",
            answers={
                200: Answer("The file.", {"type": "string"}, media=("text/javascript", "text/css")),
            },
            codes=("no_such_path",),
        ),
    },
)
