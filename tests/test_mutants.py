"""The table of planted faults keeps up with the code. That each is found is shown by `./xinjie test --mutants`."""

import re

import pytest

from tests import mutants

TABLE = mutants.table()


@pytest.mark.parametrize("mutant", TABLE, ids=lambda mutant: mutant.name)
def test_a_planted_fault_has_one_place_and_a_test_that_exists(mutant: mutants.Mutant) -> None:
    assert mutant.places() == 1, f"{mutant.file} no longer has exactly one place for it"
    assert mutant.find != mutant.replace
    assert mutant.why
    file, _, test = mutant.test.partition("::")
    name = re.escape(test.partition("[")[0])
    assert re.search(rf"^def {name}\(", (mutants.ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


def test_there_are_enough_and_none_twice() -> None:
    assert len(TABLE) >= 25
    assert len({mutant.name for mutant in TABLE}) == len({(m.file, m.find, m.replace) for m in TABLE}) == len(TABLE)
