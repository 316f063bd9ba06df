import numpy as np
import pytest
import torch

from liifgan_core.coords import axis_corners
from liifgan_core.models.mlp_decoder import MLPDecoder
from liifgan_core.models.patch_axis import stack_axes
from liifgan_core.models.patch_decoder import TrainKernel, decode_patch

LR, PATCH = 7, 5


def _queries(starts: list[float], scale: float):
    return [axis_corners(start, PATCH / scale, PATCH, LR) for start in starts]


def _frame(starts: list[float], scale: float) -> torch.Tensor:
    """The same queries' coordinates in LIIF's frame, (B, P)."""
    position = np.array(starts)[:, None] + (np.arange(PATCH) + 0.5) / scale
    return torch.from_numpy(2.0 * position / LR - 1.0).float()


@pytest.mark.parametrize("kernel", ["linear", "conv"])
@pytest.mark.parametrize("scale", [1.0, 2.0, 3.7])
def test_patches_equal_the_plain_formula_with_gradients(scale: float, kernel: TrainKernel):
    torch.manual_seed(0)
    decoder = MLPDecoder(8, (16, 16))
    feat = torch.randn(2, 8, LR, LR, requires_grad=True)
    row_starts, col_starts = [0.0, 1.13], [2.0, 0.37]

    rows, cols = (stack_axes(_queries(s, scale)) for s in (row_starts, col_starts))
    patch = decode_patch(decoder, feat, rows, cols, kernel=kernel)

    y, x = _frame(row_starts, scale), _frame(col_starts, scale)
    coord = torch.stack(
        [y[:, :, None].expand(2, PATCH, PATCH), x[:, None, :].expand(2, PATCH, PATCH)], dim=-1
    )
    cell = torch.full((2, PATCH * PATCH, 2), 2.0 / scale / LR)
    plain = decoder(feat, coord.flatten(1, 2), cell).mT.unflatten(2, (PATCH, PATCH))
    torch.testing.assert_close(patch, plain, atol=1e-5, rtol=0)

    target = torch.randn(plain.shape)
    wanted = [feat, *decoder.parameters()]
    ours = torch.autograd.grad((patch - target).square().mean(), wanted)
    theirs = torch.autograd.grad((plain - target).square().mean(), wanted)
    for our, their in zip(ours, theirs, strict=True):
        torch.testing.assert_close(our, their, atol=1e-5, rtol=0)
