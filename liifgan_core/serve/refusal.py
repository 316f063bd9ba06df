"""What the service does not do, and why: an HTTP status, a code for programs, a sentence."""

import msgspec

from liifgan_core.errors import LiifganError, Remedy


class Refusal(LiifganError):
    """A request that is not done. The message is for people, the code stays the same."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        field: str | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        """`field` is the field of the request that is wrong."""
        super().__init__(message)
        self.status, self.code, self.field = status, code, field
        self.retry_after_s = retry_after_s

    @property
    def told(self) -> "ToldError":
        """What clients get."""
        return ToldError(code=self.code, message=str(self), field=self.field)


class ToldError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error as JSON tells it."""

    code: str
    message: str
    field: str | None = None
    remedy: Remedy | None = None


class ErrorBody(msgspec.Struct, frozen=True):
    """The body of every answer that is an error."""

    error: ToldError
