"""The OpenAPI document: what django-ninja writes, completed by every status an operation may answer with."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from esshelpme.api.problems import MEDIA_TYPE, Problem
from esshelpme.dispatch.actions import ACTIONS

PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
ALWAYS = {
    "401": "No token, or none that is valid",
    "403": "The role lacks the right",
    "429": "Too many requests: wait as long as Retry-After says",
    "500": "Something went wrong here",
    "503": "The database does not answer: try again",
}
WITH_BODY = {"400": "The body is not well-formed JSON", "413": "The body is too large"}
FIELDS = {"422": "Fields are wrong: `errors` names each with its path"}
WITH_REF = {"404": "There is none, or it lies outside the token's area or agency"}
RETRY = {"Retry-After": {"description": "seconds", "schema": {"type": "integer", "minimum": 1}}}


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Add the problem answers of every operation, and the shapes of actions."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.setdefault("Problem", _schema(Problem, schemas))
    for name, shape in _forms().items():
        schemas[name] = shape
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _complete(operation, has_ref="{" in path)
    return document


def _complete(operation: dict[str, Any], *, has_ref: bool) -> None:
    responses = {str(status): answer for status, answer in operation["responses"].items()}
    for status, answer in responses.items():
        if status >= "400":
            answer["content"] = PROBLEM
            answer["description"] = (
                "Not allowed in this state, or done already" if status == "409" else (answer["description"])
            )
    body = "requestBody" in operation
    more = dict(ALWAYS)
    if body:
        more |= WITH_BODY
    if body or any(parameter["in"] == "query" for parameter in operation.get("parameters", ())):
        more |= FIELDS
    if has_ref:
        more |= WITH_REF
    for status, description in more.items():
        responses[status] = {"description": description, "content": PROBLEM}
        if status in ("429", "503"):
            responses[status]["headers"] = RETRY
    operation["responses"] = dict(sorted(responses.items()))


def action_body() -> dict[str, Any]:
    """The request body of an action: one shape for each."""
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "oneOf": [
                            {
                                "title": action,
                                "allOf": [
                                    {
                                        "type": "object",
                                        "required": ["action"],
                                        "properties": {"action": {"type": "string", "const": action}},
                                    },
                                    {"$ref": f"#/components/schemas/{entry.form.__name__}Fields"},
                                ],
                            }
                            for action, entry in ACTIONS.items()
                        ]
                    }
                }
            },
        }
    }


def _forms() -> dict[str, Any]:
    forms = list(dict.fromkeys(entry.form for entry in ACTIONS.values()))
    _, generated = models_json_schema(
        [(form, "validation") for form in forms], ref_template="#/components/schemas/{model}Fields"
    )
    return {f"{name}Fields": shape for name, shape in generated["$defs"].items()}


def _schema(model: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    shape: dict[str, Any] = model.model_json_schema(ref_template="#/components/schemas/{model}")
    for name, part in shape.pop("$defs", {}).items():
        schemas.setdefault(name, part)
    return shape
