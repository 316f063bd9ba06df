"""What a client asks for: JSON or a query string, understood as the options of a batch.

Its fields are called like those of `BatchOptions`, the size rules and the parts of `Output` like
the options of the command line.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from liifgan_core.batch.names import DEFAULT_NAME, Output, check_template
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.wanted import NamedRule
from liifgan_core.errors import LiifganError
from liifgan_core.images.auto_mask import AutoMask
from liifgan_core.images.formats import format_by_name, format_by_suffix
from liifgan_core.render.export_options import MAX_DETAIL
from liifgan_core.serve.folders import Folders
from liifgan_core.serve.limits import Limits
from liifgan_core.serve.models import check_model
from liifgan_core.serve.refusal import Refusal
from liifgan_core.sizing import RuleKind, SizeRule, rule_of

_RULES: dict[str, RuleKind | Literal["size"]] = {
    "scale": "scale",
    "width": "width",
    "height": "height",
    "size": "size",
    "long_edge": "long-edge",
    "short_edge": "short-edge",
    "megapixels": "megapixels",
    "fit": "fit",
    "min": "min",
    "print": "print",
}
NOT_OFFERED = frozenset(
    ("device", "resume", "qualities", "has_invented_map", "geometry", "background")
)
"""Fields of `BatchOptions` that no client sets: the device is chosen at start, nothing is resumed
without a manifest, a job makes one file, of which `quality` says all, and the service does not
warp photos."""


class JobRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One photo, where its result goes, and the options."""

    path: str | None = None
    """A photo in one of the folders; None: it is uploaded."""
    file_name: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    """What an uploaded photo is called; its stem is in the result's name."""
    output: str | None = None
    """A folder or file in one of the folders; None: the result is for download."""

    scale: float | None = None
    width: int | None = None
    height: int | None = None
    size: str | None = None
    long_edge: int | None = None
    short_edge: int | None = None
    megapixels: float | None = None
    fit: str | None = None
    min: str | None = None
    print: str | None = None

    format: str | None = None
    name: Annotated[str, Meta(max_length=200)] = DEFAULT_NAME
    model: str | None = None
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    detail: Annotated[float, Meta(ge=0.0, le=MAX_DETAIL)] = 1.0
    detail_mask: AutoMask | None = None
    bit_depth: Literal[8, 10, 12, 16, 32] | None = None
    quality: Annotated[int, Meta(ge=1, le=100)] | None = None
    strip_metadata: bool = False
    names_program: bool = True
    is_consistent: bool = False
    has_pyramid: bool = False
    existing: Literal["keep", "replace"] = "keep"
    max_pixels: Annotated[int, Meta(ge=1)] | None = None
    memory_bytes: Annotated[int, Meta(ge=2**28)] | None = None

    def options(
        self, folders: Folders, limits: Limits, *, spool: Path, device: str
    ) -> BatchOptions:
        """Return the options of a batch; results without `output` go to the folder `spool`.

        Raises Refusal for what is not allowed and LiifganError for values that are none.
        """
        check_model(self.model)
        check_template(self.name)
        rules, output = (NamedRule(self._rule()),), self._output(folders, spool)
        output.check_sizes(rules)
        return BatchOptions(
            rules=rules,
            output=output,
            model=self.model,
            device=device,
            precision=self.precision,
            detail=self.detail,
            detail_mask=self.detail_mask,
            bit_depth=self.bit_depth,
            quality=self.quality,
            strip_metadata=self.strip_metadata,
            names_program=self.names_program,
            is_consistent=self.is_consistent,
            has_pyramid=self.has_pyramid,
            existing=self.existing,
            max_pixels=_bounded("max_pixels", self.max_pixels, limits.max_pixels),
            memory_bytes=_bounded("memory_bytes", self.memory_bytes, limits.memory_bytes),
        )

    def _rule(self) -> SizeRule:
        chosen = [(name, getattr(self, name)) for name in _RULES]
        chosen = [(name, value) for name, value in chosen if value is not None]
        if len(chosen) != 1:
            what = " and ".join(name for name, _ in chosen) or "none"
            message = f"give exactly one size rule of {', '.join(_RULES)}; there is {what}"
            raise Refusal(422, "bad_value", message)
        [(name, value)] = chosen
        try:
            return rule_of(_RULES[name], value)
        except LiifganError as error:
            raise Refusal(422, "bad_value", str(error), field=name) from error

    def _output(self, folders: Folders, spool: Path) -> Output:
        chosen = None if self.format is None else format_by_name(self.format).name
        if self.output is None:
            return Output(spool, is_folder=True, format=chosen, name=self.name, keeps_tree=False)
        path = folders.check(self.output, field="output")
        if path.is_dir():
            return Output(path, is_folder=True, format=chosen, name=self.name, keeps_tree=False)
        by_name = format_by_suffix(path).name
        if chosen not in (None, by_name):
            message = f"output {path} is named like {by_name}, but format is {chosen}"
            raise Refusal(422, "bad_value", message, field="format")
        if not path.parent.is_dir():
            message = f"output {path} is in no folder that exists; make the folder first"
            raise Refusal(422, "no_folder", message, field="output")
        return Output(path, is_folder=False, format=chosen)


def request_of_json(body: bytes) -> JobRequest:
    """Return what a JSON object asks for; raises Refusal."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refusal(400, "bad_json", f"the body is no JSON ({error})") from error
    if not isinstance(value, dict):
        raise Refusal(400, "bad_json", "the body is no JSON object; send one with 'path'")
    return _converted(value, strict=True)


def request_of_query(pairs: Iterable[tuple[str, str]]) -> JobRequest:
    """Return what the parameters of a query string ask for, each at most once; raises Refusal."""
    value: dict[str, object] = {}
    for name, text in pairs:
        if name in value:
            message = f"{name[:60]} is given twice; give it once"
            raise Refusal(422, "bad_value", message, field=name[:60])
        value[name] = text
    return _converted(value, strict=False)


def _converted(value: dict[str, object], *, strict: bool) -> JobRequest:
    known = [field.name for field in msgspec.structs.fields(JobRequest)]
    unknown = [name for name in value if name not in known]
    if unknown:
        name = unknown[0][:60]
        message = f"there is no field {name!r}; known are {', '.join(known)}"
        raise Refusal(422, "unknown_field", message, field=name)
    try:
        return msgspec.convert(value, JobRequest, strict=strict)
    except msgspec.ValidationError as error:
        # "Expected `float` <= 1.5 - at `$.detail`"
        what, _, where = str(error).partition(" - at `$.")
        field = where.rstrip("`") or None
        told = str(value.get(field or "", ""))[:60]
        message = f"{field or 'the request'} cannot be {told!r}: {what}"
        raise Refusal(422, "bad_value", message, field=field) from error


def _bounded(field: str, asked: int | None, limit: int) -> int:
    if asked is None:
        return limit
    if asked > limit:
        message = f"{field} is at most {limit} here, not {asked}; start the service with more"
        raise Refusal(422, "bad_value", message, field=field)
    return asked
