"""What comes of the attacks on Python when it has its libraries of data analysis: the same."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import boxes
from tests.sandbox.attacks import ATTACKS, IN_A_SESSION, ON_DATA, WITH_DATA, Attack
from tests.sandbox.test_attacks import (
    A_BUSY_MACHINE,
    IN_ENVIRONMENT,
    Ground,
    came_to_nothing,
    harmed_its_own_session_at_most,
    named,
    run,
)

boxes.need_data()

DATA = "data"


@pytest.fixture(autouse=True)
def home(data_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Also where a worker that was ended begins anew."""
    monkeypatch.setenv("CURTA_HOME", str(data_home))
    return data_home


@pytest.fixture(scope="module")
def ground(data_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CURTA_HOME", str(data_home))
        patch.setenv("CURTA_TEST_SECRET", IN_ENVIRONMENT)
        made = Ground(tmp_path_factory.mktemp("ground"))
        for sandbox in (made.sandbox, made.hasty):
            sandbox.run("", DATA)
        yield made
        made.close()


@pytest.mark.parametrize("attack", [*ON_DATA, *(each for each in ATTACKS if each.language == WITH_DATA)], ids=named)
def test_an_attack_comes_to_nothing_with_data_too(ground: Ground, attack: Attack) -> None:
    program = attack.program.replace("PORT", str(ground.server.getsockname()[1]))
    began = time.monotonic()
    result = run(ground.sandbox_for(attack), program, DATA)
    assert time.monotonic() - began < A_BUSY_MACHINE
    came_to_nothing(ground, attack, result)


@pytest.mark.parametrize("attack", [each for each in ATTACKS if each.language == IN_A_SESSION], ids=named)
def test_a_cell_with_data_harms_its_own_session_at_most(ground: Ground, attack: Attack) -> None:
    harmed_its_own_session_at_most(ground, attack, DATA)
