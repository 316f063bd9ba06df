"""A field's decoder as it renders: two batches of small matrix products per piece of the output.

The coefficients are the table, made once per LR tile. Since the functions are products, columns and
rows separate, at any factor:

1. Columns: the output columns that begin between the centres of two LR columns read the same two
   or three of them. These lie together in the table, so all such groups are one batched product
   whose windows overlap; nothing is gathered.
2. Rows: the same with what the first step gives, again without a copy: its windows are read
   transposed. The colour is the innermost index of the result, as in the output.

At integer factors groups have equally many pixels, and the products' results are the output. At
other factors some groups have one pixel fewer; those rows are left out by a copy of whole rows.

The table is cut into slabs of few LR rows, whose intermediate result stays in the cache. Each
slab, like each tile, adds what its LR pixels give. All numbers are float32, the means are computed
in float64 (`field_taps`).

Shapes: N functions per axis, H W LR size, S slabs of R rows, h w output size, C colour.
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liifgan_core.coords import AxisPixels
from liifgan_core.models.decoder import PointDecoder
from liifgan_core.models.field_taps import LEAD, FieldTaps, Windows, field_taps

SLAB_ROWS = 64
"""LR rows of a slab at most. Measured (two Zen 3 cores, both layers, 1920x1080): 32 rows 65 ms at
x4 and 90 at x3.7, 64 rows 65 and 84. Higher ones cost more where a tile of the output covers few
rows."""
CPU_QUERIES = 1 << 17
"""Output pixels per piece on a CPU: the intermediate result takes some 4 MB at x4."""
ACCELERATOR_QUERIES = 1 << 22
"""Output pixels per piece elsewhere. Not measured."""
_KEPT_BYTES = 32 * 2**20
"""Working memory that a decoder keeps between tiles."""


class FastFieldDecoder:
    """Renders with a `FieldDecoder`'s readout on one device, in float32.

    It takes what `FieldDecoder.refined` returns: features, or the coefficients themselves.
    """

    def __init__(
        self, readout: nn.Conv2d, *, takes_coefficients: bool, device: torch.device
    ) -> None:
        """Make one; `readout` has 3 N**2 outputs, (colour, along y, along x)."""
        self._num_functions = num = math.isqrt(readout.out_channels // 3)
        self.order = (num - 1) // 2
        self._takes_coefficients = takes_coefficients
        weight = readout.weight.detach().to(device, torch.float32)
        bias = readout.bias
        if bias is None:
            bias = torch.zeros(3 * num**2)
        # Outputs from (colour, along y, along x) to the table's order (along x, colour, along y).
        self._weight = (
            weight.unflatten(0, (3, num, num))
            .permute(2, 0, 1, 3, 4, 5)
            .flatten(0, 2)
            .contiguous(memory_format=torch.channels_last)
        )
        by_function = bias.detach().to(device, torch.float32).view(3, num, num)
        self._bias = by_function.permute(2, 0, 1).flatten()
        self.table_bytes = 4 * 3 * num**2
        self._memory: dict[str, Tensor] = {}
        self.max_queries = CPU_QUERIES if device.type == "cpu" else ACCELERATOR_QUERIES

    def prepare(self, feat_1DHW: Tensor) -> Tensor:
        """Return the coefficients (S, W, N along x, C, R, N along y), float32, zero beyond H."""
        num, (height, width) = self._num_functions, feat_1DHW.shape[-2:]
        num_slabs = -(-height // SLAB_ROWS)
        slab_rows = -(-height // num_slabs)
        empty = _empty_table(self._bias, num_slabs, width, num, slab_rows)
        table = empty.flatten(2, 3)
        rim = 0 if self._takes_coefficients else 1
        source = feat_1DHW.float()
        if rim:
            source = F.pad(source, (0, 0, rim, rim))
        for slab, top in enumerate(range(0, height, slab_rows)):
            found = self._coefficients(source[:, :, top : top + slab_rows + 2 * rim])
            num_rows = found.shape[2]
            table[slab, :, :, :num_rows] = found
            table[slab, :, :, num_rows:] = 0.0
        return empty

    def _coefficients(self, rows_1DHW: Tensor) -> Tensor:
        """Return the coefficients of some rows, (W, N along x and C, R, N along y).

        Features come with one more row on each side.
        """
        num = self._num_functions
        if self._takes_coefficients:
            return rows_1DHW[0].unflatten(0, (3, num, num)).permute(4, 2, 0, 3, 1).flatten(1, 2)
        found = F.conv2d(rows_1DHW, self._weight, self._bias, padding=(0, 1))[0]
        return found.unflatten(0, (num * 3, num)).permute(3, 0, 2, 1)

    def at_points(self, *, device: torch.device) -> PointDecoder:
        """Return what renders the field at any places."""
        from liifgan_core.models.field_cells import FieldCells  # which takes this class

        return FieldCells(self, device=device)

    def coefficients(self, feat_1DHW: Tensor, top: int, bottom: int) -> Tensor:
        """Return the coefficients of LR rows [top, bottom), (R, W, N along x, C, N along y)."""
        num, height = self._num_functions, feat_1DHW.shape[2]
        rim = 0 if self._takes_coefficients else 1
        rows = feat_1DHW[:, :, max(0, top - rim) : bottom + rim].float()
        if rim:
            rows = F.pad(rows, (0, 0, int(top == 0), int(bottom == height)))
        return self._coefficients(rows).unflatten(1, (num, 3)).permute(3, 0, 1, 2, 4)

    def span(self, pixels: AxisPixels) -> tuple[int, int]:
        """Return the first and the last LR pixel that a run of output pixels averages."""
        first, last = pixels.ends()
        lowest, highest = int(first.boxes().first[0]), int(last.boxes().last[0])
        return max(0, lowest), min(highest, pixels.num_latents - 1)

    def taps(self, pixels: AxisPixels) -> FieldTaps:
        """Return what a run of output pixels averages along one axis."""
        return field_taps(pixels, self.order)

    def add_colour(
        self,
        table: Tensor,
        origin: tuple[int, int],
        rows: FieldTaps,
        cols: FieldTaps,
        out_hwC: Tensor,
        *,
        max_queries: int,
        check: Callable[[], None],
    ) -> None:
        """Add the tile's share to `out_hwC`, one slab of LR rows after the other."""
        if not len(cols):
            return
        piece = _Piece(table, origin, self._memory)
        col_windows = cols.windows(table.device)
        slab_rows = table.shape[4]
        for slab in range(len(table)):
            top = origin[0] + slab * slab_rows
            part = rows.within(top, top + slab_rows)
            if not len(part):
                continue
            row_windows = part.windows(table.device)
            widest = max(1, max_queries // (len(part) * col_windows.weights.shape[1]))
            for first, last in _runs(col_windows, widest):
                check()
                by_col = piece.along_columns(slab, col_windows, first, last)
                left, right = (cols.pixel + col_windows.edges[[first, last]]).tolist()
                tallest = max(1, max_queries // (row_windows.weights.shape[1] * (right - left)))
                for above, below in _runs(row_windows, tallest):
                    begin, end = (part.pixel + row_windows.edges[[above, below]]).tolist()
                    out = out_hwC[begin:end, left:right].flatten(1)
                    out += piece.along_rows(by_col, row_windows, above, below, top)
        if sum(memory.nbytes for memory in self._memory.values()) > _KEPT_BYTES:
            self._memory.clear()


def blended_tables(
    structure: Tensor, detail: Tensor, strength: float, *, is_coarse: bool = False
) -> Tensor:
    """Return the table of structure + strength * detail.

    Fields are linear in their coefficients, so its render is the blend of both tables' renders. It
    has the higher order of both, a coarse one the lower, without the functions beyond that.
    """
    low = min(structure.shape[2], detail.shape[2])
    if is_coarse:
        structure, detail = (table[:, :, :low, :, :, :low] for table in (structure, detail))
    if structure.shape[2] > detail.shape[2]:
        wide, narrow, share = structure, detail, strength
    else:
        wide, narrow, share = detail, structure, 1.0
    num_slabs, width, num, _, slab_rows, _ = wide.shape
    blend = _empty_table(wide, num_slabs, width, num, slab_rows)
    torch.mul(wide, 1.0 if wide is structure else strength, out=blend)
    blend[:, :, :low, :, :, :low].add_(narrow, alpha=share)
    return blend


def _empty_table(like: Tensor, num_slabs: int, width: int, num: int, slab_rows: int) -> Tensor:
    """Return memory for a table (S, W, N, C, R, N) with some zeros before and behind it.

    Windows reach a little beyond the table on both sides, where their weights are zero.
    """
    column = 3 * slab_rows * num**2
    before, behind = LEAD * column, (width + LEAD) * column
    buffer = like.new_empty(before + num_slabs * width * column + behind)
    buffer[:before] = 0.0
    buffer[-behind:] = 0.0
    return buffer[before:-behind].view(num_slabs, width, num, 3, slab_rows, num)


def _runs(windows: Windows, at_most: int) -> list[tuple[int, int]]:
    """Return (first, after the last) of runs of windows that make pixels."""
    num = len(windows.weights)
    runs = [(first, min(first + at_most, num)) for first in range(0, num, at_most)]
    return [run for run in runs if windows.edges[run[0]] < windows.edges[run[1]]]


class _Piece:
    """The two products for pieces of a table, in memory that is used again and again.

    Fresh memory would cost as much time as the sums. Results are valid until the same method is
    called again.
    """

    def __init__(self, table: Tensor, origin: tuple[int, int], memory: dict[str, Tensor]) -> None:
        _, self._width, self._num_functions, _, self._slab_rows, _ = table.shape
        self._table = table
        self._left = origin[1]
        self._memory = memory

    def along_columns(self, slab: int, windows: Windows, first: int, last: int) -> Tensor:
        """Return (w C, R N) of one slab for the pixels of windows first..last - 1.

        The memory around the result can be read for LEAD rows of LR pixels before it, and R + LEAD
        behind it, and holds numbers.
        """
        weights = windows.weights[first:last]
        num, num_rows, size = weights.shape
        length = 3 * self._slab_rows * self._num_functions
        left = slab * self._width + windows.base + first * windows.step - self._left
        column = self._num_functions * length
        read = self._table.as_strided(
            (num, size, length),
            (windows.step * column, length, 1),
            self._table.storage_offset() + left * column,
        )
        selection = windows.selection(first, last, weights.device)
        if isinstance(selection, slice):
            made = self._with_margins("columns", num * num_rows, length)
            torch.bmm(weights, read, out=made.view(num, num_rows, length))
            made = made[selection]
        else:
            every = self._take("padded columns", num * num_rows * length)
            torch.bmm(weights, read, out=every.view(num, num_rows, length))
            made = self._with_margins("columns", len(selection), length)
            torch.index_select(every.view(-1, length), 0, selection, out=made)
        return made.view(-1, self._slab_rows * self._num_functions)

    def along_rows(
        self, by_col: Tensor, windows: Windows, first: int, last: int, top: int
    ) -> Tensor:
        """Return (h, w C) of windows first..last - 1 from (w C, R N) of a slab.

        `top` is the slab's first LR row.
        """
        weights = windows.weights[first:last]
        num, num_rows, size = weights.shape
        num_colours, length = by_col.shape
        lead = (windows.base + first * windows.step - top) * self._num_functions
        read = by_col.as_strided(
            (num, size, num_colours),
            (windows.step * self._num_functions, 1, length),
            by_col.storage_offset() + lead,
        )
        made = self._take("rows", num * num_rows * num_colours)
        torch.bmm(weights, read, out=made.view(num, num_rows, num_colours))
        made = made.view(-1, num_colours)
        selection = windows.selection(first, last, by_col.device)
        return made[selection] if isinstance(selection, slice) else made.index_select(0, selection)

    def _with_margins(self, name: str, num_rows: int, length: int) -> Tensor:
        before = LEAD * self._num_functions
        behind = (self._slab_rows + LEAD) * self._num_functions
        memory = self._take(name, before + num_rows * length + behind)
        return memory[before : before + num_rows * length].view(num_rows, length)

    def _take(self, name: str, num_values: int) -> Tensor:
        """Return this much memory, the same as under this name before where it suffices."""
        kept = self._memory.get(name)
        if kept is None or len(kept) < num_values:
            kept = self._memory[name] = self._table.new_zeros(num_values)
        return kept[:num_values]
