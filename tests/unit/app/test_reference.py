"""The API's description of itself is valid, complete and shows only what is true."""

import json
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from app.calls import ApiRoute
from app.main import create_app
from app.reference.areas import AREAS
from app.reference.codes import CODES
from app.reference.document import document

APP = Path(__file__).parents[3] / "app"


@pytest.fixture(scope="module")
def routes() -> list[ApiRoute]:
    return [route for route in create_app(lambda: None).routes if isinstance(route, ApiRoute)]


@pytest.fixture(scope="module")
def described(routes: list[ApiRoute]) -> dict[str, Any]:
    return document(routes)


def bodies(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body of a request and of an answer, by its operation."""
    for methods in described["paths"].values():
        for operation in methods.values():
            answers = [
                described["components"]["responses"][answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
                for answer in operation["responses"].values()
            ]
            for holder in [operation.get("requestBody", {}), *answers]:
                for content in holder.get("content", {}).values():
                    yield operation["operationId"], content


def test_it_is_a_valid_openapi_document(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    validate(described)


def test_every_route_is_described_and_nothing_else(routes: list[ApiRoute]) -> None:
    told = [place for area in AREAS for place in area.operations]

    assert sorted(told) == sorted((route.method, route.path) for route in routes)


def test_every_route_of_the_application_can_be_described() -> None:
    others = [route for route in create_app(lambda: None).routes if not isinstance(route, ApiRoute)]

    assert others == []


def test_every_example_fits_its_schema(described: dict[str, Any]) -> None:
    shown = 0
    for operation, content in bodies(described):
        examples = [content["example"]] if "example" in content else []
        for named in content.get("examples", {}).values():
            examples.append(described["components"]["examples"][named["$ref"].rpartition("/")[2]]["value"])
        validator = Draft202012Validator({**content["schema"], "components": described["components"]})
        for example in examples:
            shown += 1
            assert [error.message for error in validator.iter_errors(example)] == [], operation

    assert shown > 100


def test_every_json_body_has_an_example(described: dict[str, Any]) -> None:
    without = {
        operation
        for operation, content in bodies(described)
        if not {"example", "examples"} & content.keys() and content["schema"].get("type") != "string"
    }

    assert without == {"get_openapi_json"}


def test_every_code_that_is_raised_is_described_with_its_status() -> None:
    sources = "\n".join(path.read_text() for path in APP.rglob("*.py"))
    raised = set(re.findall(r"Problem\(\s*HTTPStatus\.([A-Z_]+),\s*\"([a-z_]+)\"", sources))

    assert raised
    told = {(HTTPStatus(code.status).name, code.name) for code in CODES.values()}
    assert raised - told == set()


def test_every_code_is_answered_by_some_operation(described: dict[str, Any]) -> None:
    told = json.dumps(described["components"]["responses"])

    assert {code for code in CODES if f"_{code}" not in told} <= {"method_not_allowed", "cross_site"}


def test_it_names_no_address_but_examples(described: dict[str, Any]) -> None:
    named = set(re.findall(r"https?://([\w.-]+)", json.dumps(described)))

    assert named <= {"video.example.com", "example.com"}


def test_the_page_asks_no_other_server() -> None:
    pages = [path.read_text() for path in (APP / "reference" / "pages").iterdir()]

    assert [re.findall(r"(?:https?:)?//[a-z]+\.[a-z]", page) for page in pages] == [[], [], []]
    assert not any("innerHTML" in page for page in pages)
