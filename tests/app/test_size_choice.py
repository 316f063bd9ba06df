from pathlib import Path

import pytest

from app.settings import AppSettings, save_settings
from app.state.settings_store import SettingsStore
from app.state.size_choice import MAX_PRESETS, SizeChoice
from app.state.target_rule import PAPERS, TargetRule
from liifgan_core.errors import SizeError

LONG = TargetRule("long-edge", 2048.0)


def test_it_begins_with_twice_the_size_and_then_with_the_last_rule(store: SettingsStore) -> None:
    choice, heard = SizeChoice(store), []
    choice.changed.connect(lambda: heard.append(choice.rule))
    assert choice.rule == TargetRule("scale", 2.0)
    choice.set_rule(TargetRule("print", 240.0, paper=PAPERS[4]))
    choice.set_rule(TargetRule("print", 240.0, paper=PAPERS[4]))
    assert heard == [choice.rule]
    assert SizeChoice(store).rule == TargetRule("print", 240.0, paper=PAPERS[4])


def test_sizes_of_ones_own_are_kept_renewed_and_removed(
    store: SettingsStore, config_dir: Path
) -> None:
    choice = SizeChoice(store)
    choice.save_preset("  my   web ")
    choice.set_rule(LONG)
    choice.save_preset("my web")
    choice.save_preset("also")
    again = SizeChoice(SettingsStore(config_dir / "app.toml"))
    assert again.presets == {"also": LONG, "my web": LONG}
    again.remove_preset("also")
    again.remove_preset("was never there")
    assert list(SizeChoice(SettingsStore(config_dir / "app.toml")).presets) == ["my web"]


def test_two_apps_keep_each_others_sizes(config_dir: Path) -> None:
    one, two = (SizeChoice(SettingsStore(config_dir / "app.toml")) for _ in range(2))
    one.save_preset("one")
    two.save_preset("two")
    assert list(SizeChoice(SettingsStore(config_dir / "app.toml")).presets) == ["one", "two"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 41])
def test_a_size_needs_a_usable_name(name: str, store: SettingsStore) -> None:
    with pytest.raises(SizeError, match="name"):
        SizeChoice(store).save_preset(name)


def test_there_are_no_endless_lists(store: SettingsStore) -> None:
    choice = SizeChoice(store)
    for number in range(MAX_PRESETS):
        choice.save_preset(str(number))
    choice.save_preset("0")
    with pytest.raises(SizeError, match="remove one"):
        choice.save_preset("one more")


def test_what_a_file_says_wrongly_is_left_out_and_told(
    config_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = config_dir / "app.toml"
    presets = {"good": "long-edge 2048", "bad": "long-edge -1"}
    save_settings(path, AppSettings(size_rule="huge 9", size_presets=presets))
    choice = SizeChoice(SettingsStore(path))
    assert choice.rule == TargetRule("scale", 2.0)
    assert choice.presets == {"good": LONG}
    assert "huge" in caplog.text
    assert "bad" in caplog.text
