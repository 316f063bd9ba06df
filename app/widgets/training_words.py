"""What recipes and curves of the trainer are called; their technical names stand in tooltips."""

from PySide6.QtCore import QCoreApplication

translate = QCoreApplication.translate


def recipe_names() -> dict[str, str]:
    """Return names by purpose for recipes, those most will want first; others are for research."""
    return {
        "cpu_liif_gan_own": translate("recipes", "Like my photos"),
        "cpu_liif_gan_fast": translate("recipes", "Like my photos, fast"),
        "cpu_liif_gan_restore": translate("recipes", "Clean up my noisy and compressed photos"),
        "cpu_liif_gan_restore_fast": translate("recipes", "Clean up, fast"),
        "cpu_smoke": translate("recipes", "A trial of a minute, to see that all works"),
    }


def curve_name(name: str) -> str:
    """Return words for a curve of a run's log; unknown ones keep their names."""
    kind, _, measure = name.rpartition("/")
    factor = kind.removeprefix("val/x")
    if kind.startswith("val/x") and factor.isdigit():
        words = {
            "psnr": translate("curves", "Nearness to the originals at ×{0}, in dB"),
            "teacher_psnr": translate("curves", "Nearness to the teacher at ×{0}, in dB"),
            "ssim": translate("curves", "Likeness of structure at ×{0}"),
            "lpips": translate("curves", "Visible difference at ×{0}"),
        }
        if measure in words:
            return words[measure].format(factor)
    losses = {
        "structure_l1": translate("curves", "Loss: colours of the structure"),
        "result_l1": translate("curves", "Loss: colours of the result"),
        "distillation": translate("curves", "Loss: distance from the teacher"),
        "perceptual": translate("curves", "Loss: visible difference"),
        "low_pass": translate("curves", "Loss: coarse colours"),
        "generator": translate("curves", "Loss: against the critic"),
        "discriminator": translate("curves", "Loss of the critic"),
    }
    return losses.get(name, name)
