"""A decoder whose colour is a field: cheap per output pixel, exactly averaged over each pixel.

Every LR pixel carries N x N coefficients per colour, a linear function of features on the LR grid.
They weigh products of the functions of `field_means`, of the offset (y, x) from the LR pixel's
centre; these reach to the neighbours' centres and end there smoothly, so the field has no seams:

    field(y, x) = sum over LR pixels i, j, and m, n of c[i, j, m, n] f_m(y - i) f_n(x - j)

An output pixel is the field's mean over the pixel's area, in closed form. That is the anti-aliasing
of a neural heat field (Becker et al. 2023, "Thera") with a box in place of its Gaussian, and
products in place of its free frequencies: rows and columns separate, so any factor costs the same,
and factors below 1 come out as area averages of the same field.

Shapes: B batch, C colour, D feature channels, H W LR size, Q queries, P patch side, N functions per
axis, T LR pixels per axis that reach a query.
"""

from collections.abc import Callable, Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liifgan_core.models.config import FieldConfig
from liifgan_core.models.encoders import ResidualBlock
from liifgan_core.models.fast_field import FastFieldDecoder, blended_tables
from liifgan_core.models.field_functions import field_means
from liifgan_core.models.field_points import FieldPoints
from liifgan_core.models.mlp_decoder import MLPDecoder
from liifgan_core.models.patch_axis import PatchAxis
from liifgan_core.models.trained_decoder import shapes


class FieldDecoder(nn.Module):
    """Features to the coefficients of a field, and the field's colour at queries."""

    def __init__(self, in_channels: int, config: FieldConfig, hidden: Sequence[int] = ()) -> None:
        """Make a random one; `hidden` are the widths of the MLPs at points, if there are any."""
        super().__init__()
        self.in_channels = in_channels
        self.order = config.order
        self.blocks = nn.ModuleList(
            ResidualBlock(in_channels, 1.0, width=config.block_width, slope=config.block_slope)
            for _ in range(config.num_blocks)
        )
        self.is_high_pass = config.is_high_pass
        self.readout = nn.Conv2d(
            in_channels, 3 * self.num_functions**2, 3, padding=1, bias=not config.is_high_pass
        )
        self.points: FieldPoints | None = None
        if config.points:
            num_coefficients = self.readout.out_channels
            self.points = FieldPoints(in_channels, hidden, num_coefficients, points=config.points)

    @property
    def num_functions(self) -> int:
        """Functions per axis, N."""
        return 2 * self.order + 1

    @property
    def receptive_radius(self) -> int:
        """How many LR pixels away a feature can change a coefficient."""
        return 2 * len(self.blocks) + int(self.is_high_pass) + 1

    @property
    def blend_order(self) -> int | None:
        """Order of the functions that its tables weigh, for `blended`."""
        return self.order

    @property
    def refining_radius(self) -> int:
        """How many LR pixels away a feature can change a refined one."""
        return self.receptive_radius - int(self.points is None)

    @property
    def refined_channels(self) -> int:
        """Channels of what `refined` returns."""
        return self.in_channels if self.points is None else self.readout.out_channels

    def lower(self, dtype: torch.dtype) -> None:
        """Compute blocks and points' hidden layers in `dtype`; coefficients stay float32."""
        self.blocks.to(dtype)
        if self.points is not None:
            self.points.layers.to(dtype)

    def coefficients(self, feat_BDHW: Tensor) -> Tensor:
        """Return c, (B, C, N, N, H, W): functions along y, then along x."""
        num = self.num_functions
        refined = self.refined(feat_BDHW)
        read = self.readout(refined) if self.points is None else refined
        return read.float().unflatten(1, (3, num, num))

    def refined(
        self, feat_BDHW: Tensor, *, between_blocks: Callable[[], None] = lambda: None
    ) -> Tensor:
        """Return what is kept of an image: all that costs much is in it.

        With points that is the coefficients, (B, C N N, H, W), as they come from many hidden
        units. Without, it is the features behind blocks and high-pass, (B, D, H, W), from which the
        coefficients are read. `between_blocks` is called before every block and point, and may
        raise to stop.
        """
        of_points = (
            None if self.points is None else self.points(feat_BDHW, between_points=between_blocks)
        )
        for block in self.blocks:
            between_blocks()
            feat_BDHW = block(feat_BDHW)
        if self.is_high_pass:
            means = F.avg_pool2d(feat_BDHW, 3, stride=1, padding=1, count_include_pad=False)
            feat_BDHW = feat_BDHW - means
        return feat_BDHW if of_points is None else self.readout(feat_BDHW) + of_points

    def patch(self, feat_BDHW: Tensor, rows: PatchAxis, cols: PatchAxis) -> Tensor:
        """Return the colours (B, C, P, P) of patches, as two matrix products."""
        return draw_patch(self.coefficients(feat_BDHW), rows, cols)

    def start(self) -> None:
        """Bring the field near zero, its blocks close to the identity."""
        for block in self.blocks:
            cast("ResidualBlock", block).weaken()
        with torch.no_grad():
            self.readout.weight.mul_(0.1)
            if self.readout.bias is not None:
                self.readout.bias.zero_()
        if self.points is not None:
            self.points.silence()

    def silence(self) -> None:
        """Zero what is read of blocks and points."""
        if self.points is not None:
            self.points.silence()
        for parameter in self.readout.parameters():
            nn.init.zeros_(parameter)

    def take(self, other: nn.Module) -> None:
        """Copy a field of the same blocks and points; of an MLP, the hidden layers to the points.

        Of a field of another order the functions that both have are copied; more start at zero. A
        field without points leaves ours as they are.
        """
        if isinstance(other, MLPDecoder) and self.points is not None:
            self.points.take_mlp(other)
        if not isinstance(other, FieldDecoder):
            return
        taken, kept = other.state_dict(), self.state_dict()
        for name in [name for name in taken if name.startswith(("readout.", "points.readouts."))]:
            taken[name] = _of_order(taken[name], other.num_functions, self.num_functions)
        if other.points is None:
            taken |= {name: kept[name] for name in kept if name.startswith("points.")}
        if shapes(taken) == shapes(kept):
            self.load_state_dict(taken)

    def renderer(self, *, device: torch.device, dtype: torch.dtype) -> FastFieldDecoder:
        """Return what renders refined features on a device; float32 whatever `dtype` is."""
        is_refined_to_coefficients = self.points is not None
        return FastFieldDecoder(
            self.readout, takes_coefficients=is_refined_to_coefficients, device=device
        )

    def blended(
        self, structure: Tensor, detail: Tensor, strength: float, *, is_coarse: bool
    ) -> Tensor:
        """Return the table of structure + strength * detail; see `blended_tables`."""
        return blended_tables(structure, detail, strength, is_coarse=is_coarse)

    def forward(self, feat_BDHW: Tensor, coord_BQ2: Tensor, cell_BQ2: Tensor) -> Tensor:
        """Return the colours (B, Q, C) in the network's range by the direct formula; slow.

        `coord_BQ2` is (y, x) in [-1, 1], `cell_BQ2` the queries' size in the same frame.
        """
        batch, _, height, width = feat_BDHW.shape
        lr_size = coord_BQ2.new_tensor([height, width])
        position = (coord_BQ2 + 1.0) / 2.0 * lr_size - 0.5
        extent = cell_BQ2 / 2.0 * lr_size
        row_BQT, row_basis_BQTN = axis_basis(
            position[..., 0], extent[..., 0], height, order=self.order
        )
        col_BQT, col_basis_BQTN = axis_basis(
            position[..., 1], extent[..., 1], width, order=self.order
        )
        c_BHWCNN = self.coefficients(feat_BDHW).permute(0, 4, 5, 1, 2, 3)
        colours = [
            torch.einsum(
                "qtucmn,qtm,qun->qc",
                c_BHWCNN[b][row_BQT[b].unsqueeze(2), col_BQT[b].unsqueeze(1)],
                row_basis_BQTN[b].to(c_BHWCNN.dtype),
                col_basis_BQTN[b].to(c_BHWCNN.dtype),
            )
            for b in range(batch)
        ]
        return torch.stack(colours)


def axis_basis(
    position: Tensor,
    extent: Tensor,
    num_latents: int,
    *,
    order: int,
    largest_extent: float | None = None,
) -> tuple[Tensor, Tensor]:
    """Return the LR pixels (..., T) along an axis that reach queries, and their functions' means.

    `position` is in LR pixels, 0 on the first one's centre; `extent` is the queries' size. The
    means are (..., T, N). Beyond the image its border pixels are repeated. Computed in float64,
    since the means of small pixels are differences of nearly equal numbers. Without
    `largest_extent`, of all `extent`, the device is asked for it.
    """
    position, extent = position.double(), extent.double()
    largest = float(extent.max()) if largest_extent is None else largest_extent
    num_taps = int(2.0 + largest) + 1
    first = torch.ceil(position - 1.0 - extent / 2.0)
    latent = first.unsqueeze(-1) + torch.arange(num_taps, device=position.device)
    basis = field_means(position.unsqueeze(-1) - latent, extent.unsqueeze(-1), order=order)
    return latent.long().clamp(0, num_latents - 1), basis


def draw_patch(coefficients: Tensor, rows: PatchAxis, cols: PatchAxis) -> Tensor:
    """Return the colours (B, C, P, P) of patches of a field of coefficients (B, C, N, N, H, W)."""
    order = (coefficients.shape[2] - 1) // 2
    with torch.autocast(coefficients.device.type, enabled=False):
        row_basis_BPHN = _dense_basis(rows, coefficients.shape[-2], order)
        col_basis_BPWN = _dense_basis(cols, coefficients.shape[-1], order)
        # (y, function along y) against (colour, x, function along x).
        by_row = coefficients.permute(0, 4, 2, 1, 5, 3)
        by_row = by_row.flatten(3).flatten(1, 2)
        by_row = row_basis_BPHN.flatten(2) @ by_row
        batch, num_rows, _ = by_row.shape
        by_row = by_row.view(batch, num_rows * 3, -1)
        out = by_row @ col_basis_BPWN.flatten(2).mT
        return out.view(batch, num_rows, 3, -1).transpose(1, 2)


def draw_whole(coefficients: Tensor, factor: int) -> Tensor:
    """Return the colours (B, C, h, w) of all output pixels at a whole factor, float32.

    Equals `draw_patch` over the whole picture, whose pixels then have but `factor` places within an
    LR pixel: two convolutions, a thousandth of the matrix products' work at 80x80 LR pixels.
    """
    batch, _, num, _, height, width = coefficients.shape
    offset = (torch.arange(factor, dtype=torch.float64) + 0.5) / factor - 0.5
    taps = offset.unsqueeze(1) - torch.arange(-1.0, 2.0, dtype=torch.float64)
    extent = torch.full((1, 1), 1.0 / factor, dtype=torch.float64)
    basis_FTN = field_means(taps, extent, order=(num - 1) // 2)
    # Output channels are the places, F; the kernel's three taps are neighbouring LR pixels.
    weight_FNT = basis_FTN.to(coefficients, non_blocking=True).permute(0, 2, 1)
    with torch.autocast(coefficients.device.type, enabled=False):
        along_y = coefficients.float().permute(0, 1, 3, 2, 4, 5).flatten(0, 2)
        along_y = F.pad(along_y, (0, 0, 1, 1), mode="replicate")
        rows = F.conv2d(along_y, weight_FNT.float().unsqueeze(3)).transpose(1, 2)
        rows = rows.reshape(batch * 3, num, height * factor, width)
        along_x = F.pad(rows, (1, 1, 0, 0), mode="replicate")
        drawn = F.conv2d(along_x, weight_FNT.float().unsqueeze(2)).permute(0, 2, 3, 1)
        return drawn.reshape(batch, 3, height * factor, width * factor)


def _of_order(readout: Tensor, before: int, after: int) -> Tensor:
    """Return a field's readout, weight or bias, for another number of functions per axis."""
    old = readout.unflatten(0, (3, before, before))
    new = readout.new_zeros(3, after, after, *readout.shape[1:])
    kept = min(before, after)
    new[:, :kept, :kept] = old[:, :kept, :kept]
    return new.flatten(0, 2)


def _dense_basis(axis: PatchAxis, num_latents: int, order: int) -> Tensor:
    """Return the functions' means at each pixel for every LR pixel of the axis, (B, P, L, N)."""
    # Corner 0 is the LR pixel before the query, or the border's.
    position_BP = axis.latent_BN[:, 0::2] + axis.rel_coord_BN[:, 0::2].double() / 2.0
    extent_BP = (axis.cell_B.double() / 2.0).unsqueeze(1).expand_as(position_BP)
    latent_BPT, basis_BPTN = axis_basis(
        position_BP,
        extent_BP,
        num_latents,
        order=order,
        largest_extent=axis.largest_cell / 2.0,
    )
    batch, num_pixels, _ = latent_BPT.shape
    dense = basis_BPTN.new_zeros(batch, num_pixels, num_latents, basis_BPTN.shape[-1])
    dense.scatter_add_(2, latent_BPT.unsqueeze(-1).expand_as(basis_BPTN), basis_BPTN)
    return dense.float()
