"""A refusal in the shape of the API that was called: OpenAI's under `/v1`, problem documents everywhere else."""

from starlette.responses import JSONResponse

from app import problems
from app.openai import errors
from app.problems import Problem


def refuse(path: str, problem: Problem) -> JSONResponse:
    """The answer to a request for this path."""
    return errors.respond(problem) if path == "/v1" or path.startswith("/v1/") else problems.respond(problem)
