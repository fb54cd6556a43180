"""The set-up: what it finds, what it repeats, and what it says when it cannot go on."""

from __future__ import annotations

import ast
import json
import stat
from pathlib import Path

import pytest

from scripts import setup

ROOT = Path(__file__).resolve().parent.parent


def interpreter(folder: Path, *, version: str, has_venv: bool = True, name: str = "python3") -> str:
    """A made-up Python that answers the probe and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {version}\nexit {0 if has_venv else 1}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.fixture
def workshop(tmp_path: Path) -> setup.Workshop:
    """A folder that looks set up: a sound .venv, a requirement, a product that counts how often it is made."""
    (tmp_path / "input").write_text("one", encoding="utf-8")
    shop = setup.Workshop(tmp_path)
    interpreter(shop.venv / "bin", version="3.11.9", name="python")
    interpreter(shop.venv / "bin", version="", name="pip")
    (shop.venv / "pyvenv.cfg").write_text(f"version = 3.11.9\ncommand = python -m venv {shop.venv}\n", encoding="utf-8")
    return shop


def counting_step(shop: setup.Workshop) -> setup.Step:
    product = shop.root / "product"

    def make(_: setup.Workshop) -> None:
        made = product.read_text(encoding="utf-8") if product.exists() else ""
        product.write_text(made + "x", encoding="utf-8")

    return setup.Step("product", (shop.root / "input",), product, make)


@pytest.fixture
def made(workshop: setup.Workshop, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The product of the one step that `set_up` does in these tests; as many letters as it was made times."""
    step = counting_step(workshop)
    monkeypatch.setattr(setup, "steps", lambda _: [step])
    setup.set_up(workshop)
    return step.product


def test_a_second_call_does_nothing_and_says_nothing(
    workshop: setup.Workshop, made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    setup.set_up(workshop)
    assert made.read_text() == "x"
    assert capsys.readouterr().out == ""


def test_a_changed_requirement_is_noticed(workshop: setup.Workshop, made: Path) -> None:
    (workshop.root / "input").write_text("two", encoding="utf-8")
    setup.set_up(workshop)
    assert made.read_text() == "xx"


def test_another_python_in_venv_is_noticed(workshop: setup.Workshop, made: Path) -> None:
    cfg = workshop.venv / "pyvenv.cfg"
    cfg.write_text(cfg.read_text().replace("3.11.9", "3.13.0"), encoding="utf-8")
    setup.set_up(workshop)
    assert made.read_text() == "xx"


def test_a_missing_product_is_made_again(workshop: setup.Workshop, made: Path) -> None:
    made.unlink()
    setup.set_up(workshop)
    assert made.exists()


@pytest.mark.parametrize("stamp", ["", "{", "[]", "null"])
def test_a_stamp_that_was_cut_off_repeats_the_step(workshop: setup.Workshop, made: Path, stamp: str) -> None:
    workshop.stamp.write_text(stamp, encoding="utf-8")
    setup.set_up(workshop)
    assert made.read_text() == "xx"


def test_a_step_that_fails_is_not_recorded(workshop: setup.Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: setup.Workshop) -> None:
        raise setup.SetupError("no")

    good = counting_step(workshop)
    bad = setup.Step("bad", (), workshop.root, fail)
    monkeypatch.setattr(setup, "steps", lambda _: [good, bad])
    with pytest.raises(setup.SetupError):
        setup.set_up(workshop)
    assert list(json.loads(workshop.stamp.read_text())) == ["product"]


@pytest.mark.parametrize("broken", ["bin/pip", "bin/python", "pyvenv.cfg"])
def test_a_half_built_venv_is_not_sound(workshop: setup.Workshop, broken: str) -> None:
    assert workshop.is_sound()
    (workshop.venv / broken).unlink()
    assert not workshop.is_sound()


def test_a_venv_that_was_moved_is_not_sound(workshop: setup.Workshop) -> None:
    moved = workshop.root / "elsewhere"
    moved.mkdir()
    workshop.venv.rename(moved / ".venv")
    assert not setup.Workshop(moved).is_sound()


def test_a_broken_venv_is_rebuilt_and_forgets_what_was_done(
    workshop: setup.Workshop, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workshop.venv / "bin" / "pip").unlink()
    monkeypatch.setattr(setup, "build_venv", lambda _: None)
    setup.set_up(workshop)
    assert made.read_text() == "xx"


def test_the_first_python_that_is_new_enough_and_has_venv_is_taken(tmp_path: Path) -> None:
    old = interpreter(tmp_path / "a", version="3.10.13")
    bare = interpreter(tmp_path / "b", version="3.12.0", has_venv=False)
    good = interpreter(tmp_path / "c", version="3.11.0")
    newer = interpreter(tmp_path / "d", version="3.14.0")
    assert setup.find_python(iter([old, bare, good, newer])).path == good


def test_without_a_suitable_python_one_line_names_what_was_found_and_the_remedy(tmp_path: Path) -> None:
    old = interpreter(tmp_path / "a", version="3.8.18")
    bare = interpreter(tmp_path / "b", version="3.12.0", has_venv=False)
    with pytest.raises(setup.SetupError) as caught:
        setup.find_python(iter([old, bare]))
    message = str(caught.value)
    assert message.startswith("python 3.11 or newer is needed, found ")
    assert f"{old} (3.8.18), {bare} (3.12.0, without venv)" in message
    assert "install Python 3.11 or newer" in message
    assert "\n" not in message


def test_every_folder_of_the_search_path_is_searched_but_not_the_venv_that_is_to_be_built(tmp_path: Path) -> None:
    first = interpreter(tmp_path / "a", version="3.11.0")
    second = interpreter(tmp_path / "b", version="3.12.0", name="python3.12")
    interpreter(tmp_path / ".venv" / "bin", version="3.11.0")
    search_path = ":".join(str(tmp_path / folder) for folder in (".venv/bin", "a", "", "missing", "b"))
    found = list(setup.interpreters(search_path, tmp_path / ".venv"))
    assert [path for path in found if path.startswith(str(tmp_path))] == [first, second]


def test_a_python_that_does_not_run_is_no_python(tmp_path: Path) -> None:
    (tmp_path / "python3").write_text("not a program")
    assert setup.examine(str(tmp_path / "python3")) == setup.Python(str(tmp_path / "python3"), None, has_venv=False)


def test_a_failed_command_is_told_with_its_last_words(workshop: setup.Workshop) -> None:
    with pytest.raises(setup.SetupError, match=r"(?s)'sh -c .*exit status 3\n.*last words"):
        workshop.run("/bin/sh", "-c", "echo last words; exit 3")


def test_a_missing_network_is_one_line(workshop: setup.Workshop) -> None:
    with pytest.raises(setup.SetupError, match=r"did not reach the network; check the connection .* settings$"):
        workshop.run(
            "/bin/sh", "-c", "echo Temporary failure in name resolution; echo No matching distribution; exit 1"
        )


def test_a_command_gets_the_venv_first_and_no_standard_input(workshop: setup.Workshop) -> None:
    workshop.run("/bin/sh", "-c", 'printf %s "$PATH" > path; cat > stdin')
    assert (workshop.root / "path").read_text().startswith(f"{workshop.venv / 'bin'}:")
    assert (workshop.root / "stdin").read_text() == ""


def test_a_pin_is_found_by_the_whole_name_of_the_package_and_with_its_hashes() -> None:
    pins = "uvicorn==9\nuv==1.2.3 \\\n    --hash=sha256:0a \\\n    --hash=sha256:0b\nyarl==1\n"
    assert setup.pinned(pins, "uv") == "uv==1.2.3 \\\n    --hash=sha256:0a \\\n    --hash=sha256:0b\n"
    with pytest.raises(setup.SetupError, match="must pin uv"):
        setup.pinned("uvicorn==9\n", "uv")


def test_the_script_can_be_read_by_python_3_8() -> None:
    ast.parse((ROOT / "scripts" / "setup.py").read_text(encoding="utf-8"), feature_version=(3, 8))


def test_every_training_script_makes_the_artifact_beside_it(tmp_path: Path) -> None:
    script = tmp_path / "containers" / "pigeon" / "train.py"
    script.parent.mkdir(parents=True)
    script.touch()
    assert setup.steps(tmp_path)[-1].product == script.parent / "model.tar.gz"


def test_models_are_trained_again_when_their_data_sets_change(tmp_path: Path) -> None:
    folder = tmp_path / "containers" / "pigeon"
    folder.mkdir(parents=True)
    for name in ("train.py", "samples.py", "serve.py"):
        (folder / name).touch()
    assert setup.steps(tmp_path)[-1].inputs == (folder / "train.py", folder / "samples.py")


@pytest.mark.parametrize(("uv_works", "installers"), [(True, ["pip", "uv"]), (False, ["pip", "uv", "pip"])])
def test_pip_goes_on_where_uv_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uv_works: bool, installers: list[str]
) -> None:
    (tmp_path / "requirements-dev.txt").write_text("uv==1.0\nother==2.0\n", encoding="utf-8")
    (tmp_path / ".venv").mkdir()
    commands: list[tuple[str, ...]] = []

    def record(_: setup.Workshop, *command: str) -> None:
        commands.append(command)
        if Path(command[0]).name == "uv" and not uv_works:
            raise setup.SetupError("no index")

    monkeypatch.setattr(setup.Workshop, "run", record)
    setup.install_packages(setup.Workshop(tmp_path))
    assert ["uv" if Path(command[0]).name == "uv" else command[2] for command in commands] == installers
    assert Path(commands[0][-1]).read_text(encoding="utf-8") == "uv==1.0\n"
    assert commands[-1][-1].endswith("requirements-dev.txt")
    assert all("--require-hashes" in command for command in commands)
