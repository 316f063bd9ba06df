"""LIIF's decoder as it trains: the plain formula on patches, factored, differentiable.

The rendering path `fast_mlp` uses the same identity without gradients. Here a batch of patches of
equal size, each with its own place on its LR grid, is decoded at once:

1. The first layer's code columns act on the LR grid as a 3x3 convolution; the result is gathered by
   integer index, and the relative coordinates add a row term and a column term.
2. All queries of the batch go through one matrix product per hidden layer.

Shapes: B batch, C colour, D feature channels, H W LR size, P patch side, N = 2 P corners per axis,
K hidden width.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liifgan_core.models.patch_axis import PatchAxis


def decode_mlp_patch(
    linears: Sequence[nn.Linear], feat_BDHW: Tensor, rows: PatchAxis, cols: PatchAxis
) -> Tensor:
    """Return the colours (B, C, P, P) of an MLP of these layers, float32, in the network's range.

    Equals `MLPDecoder.forward` at the same queries. Under autocast the convolution and the hidden
    layers run in half precision; coordinates, weights and the last layer stay float32.
    """
    first, *hidden, last = linears
    batch, num_channels, height, width = feat_BDHW.shape
    num_code = num_channels * 9
    # Columns of the first layer: unfolded code (D, ky, kx), relative y, x, cell height, width.
    code_weight = first.weight[:, :num_code].unflatten(1, (num_channels, 3, 3))
    code_weight = code_weight.contiguous(memory_format=torch.channels_last)
    table_BKHW = F.conv2d(feat_BDHW, code_weight, padding=1)
    table = table_BKHW.permute(0, 2, 3, 1).flatten(0, 2)

    with torch.autocast(feat_BDHW.device.type, enabled=False):
        w_y, w_x, w_cell_y, w_cell_x = first.weight[:, num_code:].unbind(dim=1)
        constant_BK = first.bias + rows.cell_B[:, None] * w_cell_y + cols.cell_B[:, None] * w_cell_x
        row_BNK = rows.rel_coord_BN.unsqueeze(-1) * w_y + constant_BK.unsqueeze(1)
        col_BNK = cols.rel_coord_BN.unsqueeze(-1) * w_x

    image = torch.arange(batch, device=feat_BDHW.device).view(-1, 1, 1)
    row_index = image * height + rows.latent_BN.unsqueeze(2)
    index_BNN = row_index * width + cols.latent_BN.unsqueeze(1)
    # An embedding, because its backward is parallel on a CPU: 10 ms where that of index_select
    # takes 86 ms (37k queries of 256, 2 Intel cores, November 2026).
    codes_BNNK = F.embedding(index_BNN, table)
    activation = codes_BNNK.add_(row_BNK.unsqueeze(2)).add_(col_BNK.unsqueeze(1)).relu_()

    activation = activation.flatten(0, 2)
    for layer in hidden:
        activation = F.linear(activation, layer.weight, layer.bias).relu_()
    with torch.autocast(feat_BDHW.device.type, enabled=False):
        colour = F.linear(activation.float(), last.weight, last.bias)
        num_rows, num_cols = rows.latent_BN.shape[1] // 2, cols.latent_BN.shape[1] // 2
        colour = colour.view(batch, num_rows, 2, num_cols, 2, -1)
        row_weight = rows.weight_BN.view(batch, num_rows, 2, 1, 1, 1)
        col_weight = cols.weight_BN.view(batch, 1, 1, num_cols, 2, 1)
        return (colour * (row_weight * col_weight)).sum(dim=(2, 4)).permute(0, 3, 1, 2)
