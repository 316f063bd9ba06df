import subprocess
import sys
from pathlib import Path

import pytest

import liifgan_core
from liifgan_core.cli import main
from tests.core.cli.conftest import Run


def test_the_version_is_told(run: Run) -> None:
    result = run("--version")
    assert (result.status, result.out) == (0, f"liifgan {liifgan_core.__version__}\n")


@pytest.mark.parametrize("command", [(), ("upscale",), ("models",), ("weights",)])
def test_help_names_every_command_and_option(command: tuple[str, ...], run: Run) -> None:
    result = run(*command, "--help")
    assert result.status == 0
    known = {
        (): ["upscale", "evaluate", "models", "weights"],
        ("upscale",): [
            *("--scale", "--width", "--height", "--size", "--long-edge", "--megapixels"),
            *("--output", "--model", "--detail", "--device", "--precision", "--format", "--json"),
        ],
        ("models",): ["--json"],
        ("weights",): ["import", "fetch"],
    }
    assert all(word in result.out for word in known[command])


@pytest.mark.parametrize(
    "arguments",
    [(), ("nonsense",), ("upscale",), ("upscale", "a.png"), ("weights",), ("--nonsense",)],
)
def test_wrong_use_gives_two(arguments: tuple[str, ...], run: Run) -> None:
    assert run(*arguments).status == 2


@pytest.mark.parametrize("arguments", [["--help"], ["models"], ["upscale", "--help"]])
def test_what_is_shown_before_any_work_imports_no_torch(
    arguments: list[str], tiny_weights: Path
) -> None:
    assert tiny_weights.is_file()
    code = (
        "import sys\n"
        "from liifgan_core.cli import main\n"
        f"sys.argv = ['liifgan', *{arguments!r}]\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    status = end.code\n"
        "sys.exit(99 if 'torch' in sys.modules else status)"
    )
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout


def test_an_interrupt_anywhere_gives_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("liifgan_core.cli.commands.app", interrupt)
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 130
