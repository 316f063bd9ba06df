"""The loss terms, each a function of float32 tensors; colours in the network's range [-1, 1].

Shapes: B batch, C colour, P patch side.
"""

import math
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liifgan_core.models.feature_networks import FeatureNetwork

_SMALLEST_UNIT = 1e-6
"""Keeps the relative loss finite where a layer is silent."""
SPECTRUM_SIDE = 16
"""Window of the spectrum loss in pixels; a patch needs as many."""
_SPECTRUM_NOISE = 2.0 * 0.5 / 255.0
_OPPONENT = ((0.299, 0.587, 0.114), (0.5, -0.419, -0.081), (-0.169, -0.331, 0.5))
"""RGB to luma and the colour differences of red and blue (BT.601)."""


class PerceptualLoss(nn.Module):
    """Weighted L1 between feature maps (paper, eq. 2: |VGG(gt) - VGG(recon)|)."""

    def __init__(
        self, network: FeatureNetwork, layers: Mapping[str, float], *, is_relative: bool = False
    ) -> None:
        super().__init__()
        self.network = network
        self.layers = dict(layers)
        self.is_relative = is_relative

    def features(self, rgb_BCPP: Tensor) -> dict[str, Tensor]:
        """Return the feature maps that are compared, float32, by layer."""
        return {name: map_.float() for name, map_ in self.network(rgb_BCPP, self.layers).items()}

    def feature_units(self) -> dict[str, tuple[int, float]]:
        """Return each map's number of channels and root mean square on a picture of random blobs,
        the same every time: what to scale it by."""
        with torch.no_grad():
            maps = self.features(_random_blobs().to(self.network.get_buffer("shift")))
        return {name: (m.shape[1], float(m.square().mean().sqrt())) for name, m in maps.items()}

    def forward(self, found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> Tensor:
        """Return the loss of a result's feature maps against the target's."""
        terms = [
            weight * F.l1_loss(found[name], wanted[name]) / self._unit(wanted[name])
            for name, weight in self.layers.items()
        ]
        return torch.stack(terms).sum()

    def _unit(self, wanted: Tensor) -> Tensor:
        if not self.is_relative:
            return wanted.new_ones(())
        return wanted.detach().square().mean().sqrt().clamp_min(_SMALLEST_UNIT)


def _random_blobs() -> Tensor:
    """Return a (1, 3, 96, 96) picture with structure of many sizes, about as strong as a photo."""
    generator = torch.Generator().manual_seed(0)
    blobs = torch.zeros(1, 3, 96, 96)
    for side in (3, 12, 48):
        noise = torch.randn(1, 3, side, side, generator=generator) * 0.3
        blobs += F.interpolate(noise, (96, 96), mode="bilinear")
    return blobs.clamp(-1.0, 1.0)


def critic_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Return the discriminator's loss, 2 ln 2 when it knows nothing."""
    return F.binary_cross_entropy_with_logits(
        real_logits, torch.ones_like(real_logits)
    ) + F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))


def generator_gan_loss(fake_logits: Tensor) -> Tensor:
    """Return the generator's loss, the non-saturating one."""
    return F.softplus(-fake_logits).mean()


def low_pass_loss(detail_BCPP: Tensor, scale: float) -> Tensor:
    """Return the L1 of the detail layer below the LR image's Nyquist frequency.

    By a Gaussian whose response falls to 1/2 at that frequency, 1 / (2 scale) cycles per pixel. At
    x1 nothing is above it, so the whole layer counts.
    """
    sigma, radius = _low_pass_sigma(scale), low_pass_radius(scale)
    offset = torch.arange(-radius, radius + 1, dtype=detail_BCPP.dtype, device=detail_BCPP.device)
    kernel = torch.exp(-0.5 * (offset / sigma) ** 2)
    kernel = (kernel / kernel.sum()).view(1, 1, 1, -1).expand(3, 1, 1, -1)
    # Without padding: what lies beyond the patch is not known.
    blurred = F.conv2d(detail_BCPP, kernel, groups=3)
    return F.conv2d(blurred, kernel.mT, groups=3).abs().mean()


def spectrum_loss(result_powers: Tensor, target_powers: Tensor) -> Tensor:
    """Return how far the local amplitude spectra of luma and both colour differences lie apart.

    The mean difference of log amplitudes, in nepers, over half-overlapping Hann windows. It does
    not see where in its window a texture lies, so it asks for the right amount of each frequency
    and not for the original's grain; and a repeated pattern, whose spectrum has peaks where
    photos' have none, costs as much as the blur that it replaces. Takes `local_powers` of both.
    """
    return 0.5 * F.l1_loss(torch.log(result_powers), torch.log(target_powers))


def spectrum_balance_loss(result_powers: Tensor, target_powers: Tensor) -> Tensor:
    """Return how far the batch's mean spectra lie apart: the mean difference of log powers.

    Windows count alike, whatever their contrast. A bias that costs little in one window, such as
    texture that always leans to the same side, is plain in the mean. Takes `local_powers` of both.
    """
    energy = target_powers.sum(dim=(-2, -1), keepdim=True)
    means = [(powers / energy).mean(dim=(0, 2, 3)) for powers in (result_powers, target_powers)]
    return F.l1_loss(torch.log(means[0]), torch.log(means[1]))


def local_powers(rgb_BCPP: Tensor) -> Tensor:
    """Return the power spectra of half-overlapping Hann windows, of luma and colour differences.

    (B, opponent colour, windows down, across, SPECTRUM_SIDE, SPECTRUM_SIDE / 2 + 1).
    """
    side = SPECTRUM_SIDE
    opponent = torch.tensor(_OPPONENT, dtype=rgb_BCPP.dtype)
    opponent = opponent.to(rgb_BCPP.device, non_blocking=True)
    opponent_BCPP = torch.einsum("oc,bchw->bohw", opponent, rgb_BCPP)
    windows = opponent_BCPP.unfold(2, side, side // 2).unfold(3, side, side // 2)
    windows = windows - windows.mean(dim=(-2, -1), keepdim=True)
    hann = torch.hann_window(side, dtype=rgb_BCPP.dtype, device=rgb_BCPP.device)
    spectrum = torch.fft.rfft2(windows * hann * hann.unsqueeze(1))
    power = spectrum.real.square() + spectrum.imag.square()
    # What white noise of this standard deviation has: fainter texture does not count.
    floor = (_SPECTRUM_NOISE * hann.square().sum()) ** 2
    return power + floor


def low_pass_radius(scale: float) -> int:
    """Return the radius of `low_pass_loss`'s kernel in pixels; a patch needs 2 radius + 1."""
    return max(1, int(3.0 * _low_pass_sigma(scale) + 0.5))


def _low_pass_sigma(scale: float) -> float:
    # A Gaussian of sigma has the response exp(-2 (pi f sigma)^2): solved for 1/2.
    return scale * (2.0 * math.log(2.0)) ** 0.5 / math.pi
