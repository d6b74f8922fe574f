"""Reads the catalogue's TOML, lays an operator's file over it and turns the tables into models and rules."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from providers import kinds
from providers.base import InputRole
from providers.models import Audio, Choice, KindEntry, Model, Rules, Span, micro_usd
from providers.refusals import BadCatalogue

BUILT_IN = Path(__file__).with_name("catalogue.toml")
LIKE = "like"
REPLACED_WHOLE = {"seconds", "seconds_by_resolution", "fps", "inputs", "retired"}

Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """What the files say. `version` is a hash of their merged content; `server_rules` are by server name."""

    version: str
    kinds: Mapping[str, KindEntry]
    models: tuple[Model, ...]
    server_rules: Mapping[str, Table]


def _choice(value: object) -> object:
    if isinstance(value, dict) and set(value) == {"min", "max"}:
        return Span(value["min"], value["max"])
    return tuple(value) if isinstance(value, list) else value


def _price(value: object) -> object:
    return micro_usd(Decimal(value)) if isinstance(value, str) else value


Numbers = Annotated[Choice, BeforeValidator(_choice)]
Price = Annotated[int, BeforeValidator(_price), Field(ge=0)]
Size = Annotated[str, Field(pattern=r"^[1-9]\d{1,4}x[1-9]\d{1,4}$")]
Ratio = Annotated[str, Field(pattern=r"^[1-9]\d*:[1-9]\d*$")]


class _Entry(BaseModel):
    """One model's table as it must be written; everything that it leaves out is the model's own default."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    seconds: Numbers
    default_seconds: int
    prices: dict[str, Price] = {}
    aliases: tuple[str, ...] = ()
    sizes: tuple[Size, ...] = ()
    any_size: bool = False
    default_size: Size | None = None
    resolutions: tuple[str, ...] = ()
    default_resolution: str | None = None
    aspect_ratios: tuple[Ratio, ...] = ()
    default_aspect_ratio: Ratio | None = None
    seconds_by_resolution: dict[str, Numbers] = {}
    seconds_with_reference: Numbers | None = None
    fps: Numbers = ()
    audio: Audio = "always"
    negative_prompt: bool = False
    seed: bool = False
    inputs: dict[InputRole, Annotated[int, Field(ge=1)]] = {}
    retired: dict[str, date] = {}
    may_retire_from: date | None = None
    successor: str | None = None

    @model_validator(mode="after")
    def _defaults_are_offered(self) -> "_Entry":
        framed = {"default_size": self.sizes, "default_resolution": self.resolutions}
        framed["default_aspect_ratio"] = self.aspect_ratios
        for name, offered in framed.items():
            if offered and getattr(self, name) not in offered:
                raise ValueError(f"{name} must be one of {', '.join(offered)}")
        return self


class _Rules(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    failed_is_free: bool = False
    free_on_loss: bool = False
    busy_status: tuple[Literal[500, 502, 503, 504], ...] = ()
    listing_delay_seconds: Annotated[float, Field(ge=0)] = 30.0
    cancels_by_delete: bool = False


def read_catalogue(overlay: Path | None = None) -> CatalogueFile:
    """The built-in catalogue with the operator's file laid over it; BadCatalogue says what cannot be read."""
    tables = _spelled_out(_read(BUILT_IN))
    if overlay is not None:
        over = _read(overlay)
        unknown = sorted(set(over) - set(tables))
        if unknown:
            raise BadCatalogue(f"The catalogue knows no kind {', '.join(unknown)}.")
        tables = _spelled_out(_merged(tables, over))
    return CatalogueFile(
        version=_version(tables),
        kinds={kind: _kind(kind, table) for kind, table in tables.items()},
        models=tuple(_model(kind, name, table["models"]) for kind, table in tables.items() for name in table["models"]),
        server_rules=tables.get(kinds.OPENAI_VIDEOS, {}).get("servers", {}),
    )


def parsed_rules(where: str, table: Mapping[str, object]) -> Rules:
    """Rules from a kind's or a server's table; BadCatalogue names the key that is wrong."""
    try:
        return Rules(**_Rules.model_validate(dict(table)).model_dump())
    except ValidationError as error:
        raise _bad(where, error) from error


def _read(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadCatalogue(f"The catalogue {path} cannot be read: {error}") from error


def _merged(under: Table, over: Table) -> Table:
    """`over` laid over `under`, key by key; tables in which leaving a key out says something are replaced whole."""
    merged = dict(under)
    for key, value in over.items():
        nested = isinstance(value, dict) and isinstance(under.get(key), dict) and key not in REPLACED_WHOLE
        merged[key] = _merged(under[key], value) if nested else value
    return merged


def _spelled_out(tables: Table) -> Table:
    """The tables with every model that is `like` another one written in full."""
    return {
        kind: {**table, "models": {name: _with_pattern(name, table["models"]) for name in table["models"]}}
        for kind, table in tables.items()
    }


def _kind(kind: str, table: Table) -> KindEntry:
    rules = {
        key: value for key, value in table.items() if key not in {"base_url", "default_model", "models", "servers"}
    }
    return KindEntry(kind, str(table["base_url"]), str(table["default_model"]), parsed_rules(kind, rules))


def _model(kind: str, name: str, models: Table) -> Model:
    try:
        entry = _Entry.model_validate(models[name])
    except ValidationError as error:
        raise _bad(f"{kind}.models.{name}", error) from error
    return Model(kind=kind, name=name, **{field: getattr(entry, field) for field in _Entry.model_fields})


def _with_pattern(name: str, models: Table, seen: tuple[str, ...] = ()) -> Table:
    """The model's table with what the model that it is `like` says underneath; aliases are never taken over."""
    table = dict(models[name])
    pattern = table.pop(LIKE, None)
    if pattern is None:
        return table
    if pattern not in models or pattern in (name, *seen):
        raise BadCatalogue(f"The catalogue's {name} is like {pattern}, which is not another model of its kind.")
    under = _with_pattern(pattern, models, (*seen, name))
    under.pop("aliases", None)
    return under | table


def _version(tables: Table) -> str:
    content = json.dumps(tables, sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _bad(where: str, error: ValidationError) -> BadCatalogue:
    first = error.errors()[0]
    path = ".".join(str(part) for part in (where, *first["loc"]))
    return BadCatalogue(f"The catalogue's {path} is wrong: {first['msg']}")
