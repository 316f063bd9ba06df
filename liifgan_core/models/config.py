"""Architecture of the networks as values, so that files are checked without torch."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from liifgan_core.errors import WeightsError

ARCHITECTURE = "liif"
"""Name of the one architecture in weights files' headers."""

Tap = int | Literal["trunk", "last"]
"""Where a decoder reads: after residual block N (counted from 1), at the end of the EDSR trunk
(behind its global skip), or at the encoder's output. Without deep blocks the last two are one."""

HiddenWidth = Annotated[int, Meta(ge=1, le=4096)]


class EDSRConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Size of an EDSR encoder; the defaults are EDSR-baseline (Lim et al. 2017, table 1).

    The bounds keep a malicious weights file from asking for a network that never ends.
    """

    num_features: Annotated[int, Meta(ge=1, le=1024)] = 64
    num_blocks: Annotated[int, Meta(ge=1, le=256)] = 16
    residual_scale: Annotated[float, Meta(ge=-16.0, le=16.0)] = 1.0
    num_deep_blocks: Annotated[int, Meta(ge=0, le=256)] = 0
    """Residual blocks after the trunk's global skip: what a detail decoder reads may be deeper than
    all that a published LIIF has."""
    has_deep_noise: bool = False
    """Give every deep block a noise of its own, a hash of the photo around each pixel: without it a
    network can only repeat patterns where a photo has grain."""

    def check_tap(self, tap: Tap) -> None:
        """Raise ValueError for a block that the encoder does not have."""
        if not isinstance(tap, str) and not 1 <= tap <= self.num_blocks:
            raise ValueError(f"tap {tap!r} is not in 1..{self.num_blocks}, 'trunk' or 'last'")


class RRDBConfig(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="kind",
    tag="rrdb",
):
    """Size of a trunk of residual in residual dense blocks; the defaults are ESRGAN's (Wang et al.
    2018, section 4.1), RealSR's and Real-ESRGAN's.

    Bounded as EDSR's.
    """

    num_features: Annotated[int, Meta(ge=1, le=1024)] = 64
    num_growth: Annotated[int, Meta(ge=1, le=1024)] = 32
    """Maps that each convolution of a dense block adds to what the next ones see."""
    num_blocks: Annotated[int, Meta(ge=1, le=256)] = 23
    """Each is three dense blocks of five convolutions."""
    residual_scale: Annotated[float, Meta(ge=-16.0, le=16.0)] = 0.2
    """Of every dense block, and of every block before training: blocks have factors of their own,
    so that a trunk with fewer of them can be fitted."""


class SRVGGConfig(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    tag_field="kind",
    tag="srvgg",
):
    """Size of a compact trunk; the defaults are those of Real-ESRGAN's general-x4v3.

    Bounded as EDSR's.
    """

    num_features: Annotated[int, Meta(ge=1, le=1024)] = 64
    num_convs: Annotated[int, Meta(ge=0, le=1024)] = 32
    """Convolutions from features to features, after the first from RGB."""


class TrunkConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A network of others below the detail decoder, or some blocks of one."""

    network: RRDBConfig | SRVGGConfig
    sha256: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    """Of the file of the network's weights, which are not in the model's own file. Empty: they are,
    since they were trained further."""
    unit: Annotated[float, Meta(ge=1e-6, le=1e6)] = 1.0
    """Features are divided by it before they are read: about their standard deviation."""


class FieldConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Size of a field's decoder (`models/field_decoder.py`)."""

    order: Annotated[int, Meta(ge=0, le=16)] = 4
    """Its functions reach order / 2 cycles per LR pixel; (2 order + 1)**2 of them."""
    num_blocks: Annotated[int, Meta(ge=0, le=64)] = 0
    """Residual blocks on the LR grid before the coefficients; they cost nothing per output
    pixel."""
    block_width: HiddenWidth | None = None
    """Maps between a block's two convolutions; None: as many as there are features."""
    block_slope: Annotated[float, Meta(ge=0.0, lt=1.0)] = 0.0
    """Slope below zero of a block's LeakyReLU; 0: a ReLU."""
    points: Annotated[int, Meta(ge=0, le=8)] = 0
    """Points a side in every LR pixel at which MLPs like LIIF's read the features; their hidden
    units weigh in the coefficients (`models/field_points.py`). 0: there are none."""
    is_high_pass: bool = False
    """Read features minus the mean of their 3x3 neighbours: what repeats from LR pixel to LR pixel
    cannot be drawn then, be it a colour or a pattern."""

    def __post_init__(self) -> None:
        if self.points and self.is_high_pass:
            raise ValueError("points read features as they are: they need is_high_pass off")


class LIIFConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Architecture of one network; the defaults are EDSR-baseline-LIIF (Chen et al. 2021)."""

    encoder: EDSRConfig = EDSRConfig()
    hidden: Annotated[tuple[HiddenWidth, ...], Meta(min_length=1, max_length=16)] = (256,) * 4
    """Widths of the hidden layers of MLP decoders."""
    structure_tap: Tap = "last"
    """What the structure decoder (D1) reads."""
    detail_tap: Tap | None = None
    """What the detail decoder (D2) reads of the encoder; None: nothing."""
    detail_trunk: TrunkConfig | None = None
    """What the detail decoder reads in place of a tap; without both there is none."""
    structure_field: FieldConfig | None = None
    """Makes the structure decoder a field's; None: LIIF's MLP."""
    detail_field: FieldConfig | None = None
    """Makes the detail decoder a field's; None: LIIF's MLP."""
    detail_is_picture: bool = False
    """Whether the detail decoder draws a whole picture, the detail layer being what that differs
    by from the structure. An increment cannot take away what its trunk does not see: of a noisy
    photo the structure has the noise, and features that were cleaned have not."""

    def __post_init__(self) -> None:
        for tap in self.taps:
            self.encoder.check_tap(tap)
        if self.detail_tap is not None and self.detail_trunk is not None:
            raise ValueError("the detail decoder reads a detail_tap or a detail_trunk, not both")
        if self.detail_field is not None and not self.has_detail:
            raise ValueError("detail_field needs a detail_tap or a detail_trunk")
        if self.detail_is_picture and None in (self.structure_field, self.detail_field):
            raise ValueError("detail_is_picture needs a structure_field and a detail_field")

    @property
    def has_detail(self) -> bool:
        """Whether there is a detail decoder."""
        return self.detail_tap is not None or self.detail_trunk is not None

    @property
    def taps(self) -> tuple[Tap, ...]:
        """The encoder taps that are read, each once."""
        wanted = (self.structure_tap, self.detail_tap)
        return tuple(dict.fromkeys(tap for tap in wanted if tap is not None))


def read_config(architecture: str, config: object, *, where: str) -> LIIFConfig:
    """Return the configuration of a weights file's header; `where` names the file in errors.

    Raises WeightsError for an unknown architecture or a configuration that does not fit it.
    """
    if architecture != ARCHITECTURE:
        raise WeightsError(
            f"{where}: unknown architecture {architecture!r}; this version knows "
            f"{ARCHITECTURE!r}. Use the LIIF-GAN that made the file, or a newer one"
        )
    try:
        return msgspec.convert(config, LIIFConfig)
    except msgspec.ValidationError as error:
        raise WeightsError(
            f"{where}: the configuration is not valid: {error}. Use the LIIF-GAN that made the "
            "file, or a newer one"
        ) from error
