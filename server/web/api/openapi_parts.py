"""What descriptions of operations in OpenAPI are made of."""

from __future__ import annotations

from typing import Any

COMPONENT = "#/components/schemas/"
"""What references to schemas begin with."""


def get(summary: str, data: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    """Describe an operation that gives data."""
    return {
        "get": {
            "summary": summary,
            **({"parameters": list(parameters)} if parameters else {}),
            "responses": {"200": answer("the data", data), **refusals("400", "404")},
        }
    }


def act(
    summary: str, body: dict[str, Any], data: str, *parameters: dict[str, Any], is_done: bool = False
) -> dict[str, Any]:
    """Describe an operation that does something.

    Args:
        summary: what it does.
        body: schema of what is sent.
        data: schema of what is given.
        *parameters: of the address.
        is_done: whether all is done when it is answered.
    """
    outcome = {"200": answer("it is done", ref(data))} if is_done else {"202": answer("it was asked for", ref(data))}
    return {
        "summary": summary,
        "parameters": list(parameters),
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {**outcome, **refusals("400", "403", "404", "413", "415")},
    }


def parameter(
    name: str,
    description: str,
    *,
    required: bool = False,
    repeated: bool = False,
    schema: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Describe a parameter of an address."""
    schema = schema or {"type": "string"}
    return {
        "name": name,
        "in": "query",
        "description": description,
        "required": required,
        "schema": {"type": "array", "items": schema} if repeated else schema,
    }


def path_parameter(name: str, description: str) -> dict[str, Any]:
    """Describe a part of an address."""
    return {"name": name, "in": "path", "required": True, "description": description, "schema": {"type": "string"}}


def paging(what: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Describe the parameters of a list that has the newest first."""
    return (
        parameter("before", f"only {what} with a smaller number", schema={"type": "integer", "minimum": 0}),
        parameter("limit", "how many at most, 500 in any case", schema={"type": "integer", "minimum": 1}),
    )


def answer(description: str, data: dict[str, Any]) -> dict[str, Any]:
    """Describe an answer with data."""
    schema = {"allOf": [ref("answers.answer")], "properties": {"data": data}}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def refusals(*statuses: str) -> dict[str, Any]:
    """Describe why there may be no data, by status."""
    refusal = {"application/json": {"schema": ref("answers.refusal")}}
    said = {
        "400": "the request makes no sense",
        "401": "a token is needed",
        "403": "it comes from another site",
        "404": "there is nothing of this name",
        "413": "the body is too long",
        "415": "the body is no JSON",
        "421": "the server does not answer for this host",
        "503": "the server is stopping",
    }
    return {status: {"description": said[status], "content": refusal} for status in sorted({*statuses, "401", "421"})}


def list_of(component: str) -> dict[str, Any]:
    """Refer to a schema, of each item of a list."""
    return {"type": "array", "items": ref(component)}


def ref(component: str) -> dict[str, Any]:
    """Refer to a schema."""
    return {"$ref": f"{COMPONENT}{component}"}
