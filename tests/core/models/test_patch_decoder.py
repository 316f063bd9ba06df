import pytest
import torch

from liifgan_core.models.mlp_decoder import MLPDecoder
from tests.core.models.patches import LR, PATCH, patch_axes, patch_queries


@pytest.mark.parametrize("scale", [1.0, 2.0, 3.7])
def test_patches_equal_the_plain_formula_with_gradients(scale: float):
    torch.manual_seed(0)
    decoder = MLPDecoder(8, (16, 16))
    feat = torch.randn(2, 8, LR, LR, requires_grad=True)

    patch = decoder.patch(feat, *patch_axes(scale))
    plain = decoder(feat, *patch_queries(scale)).mT.unflatten(2, (PATCH, PATCH))
    torch.testing.assert_close(patch, plain, atol=1e-5, rtol=0)

    target = torch.randn(plain.shape)
    wanted = [feat, *decoder.parameters()]
    ours = torch.autograd.grad((patch - target).square().mean(), wanted)
    theirs = torch.autograd.grad((plain - target).square().mean(), wanted)
    for our, their in zip(ours, theirs, strict=True):
        torch.testing.assert_close(our, their, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("stride", "first"), [(1, 0), (2, 1), (3, 0), (3, 2)])
def test_every_nth_pixel_of_a_patch_is_what_the_whole_patch_has_there(stride: int, first: int):
    torch.manual_seed(0)
    decoder = MLPDecoder(8, (16, 16))
    feat = torch.randn(2, 8, LR, LR)
    rows, cols = patch_axes(2.5)
    some = decoder.patch(feat, rows.every(stride, first), cols.every(stride, 0))
    whole = decoder.patch(feat, rows, cols)
    torch.testing.assert_close(some, whole[..., first::stride, ::stride], atol=1e-6, rtol=0)
