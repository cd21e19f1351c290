"""The picture by policy: its numbers."""

import numpy as np

from lowcarb.report.pictures.by_policy import by_policy
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.pictures.style import Look


def drawn(**kg: list[float]) -> Picture:
    return by_policy(
        {name: 1000 * np.array(values) for name, values in kg.items()},
        dict.fromkeys(kg),
        ["first", "second"],
        names={name: name for name in kg},
        looks={name: Look("#000000") for name in kg},
        caption="What came true.",
    )


def test_figures_that_stand_side_by_side_have_as_many_digits() -> None:
    picture = drawn(ilp=[1.2, 1.4], random=[1.36, 1.36], none=[0.0, 0.0], large=[1234.5, 1234.5])
    for words in (
        *("ilp 1.30 kg (1.20 to 1.40)", "random 1.36 kg (1.36 to 1.36)", "none 0 kg (0 to 0)"),
        "large 1,234 kg (1,234 to 1,234)",
    ):
        assert words in picture.alt
    shown = picture.bytes("svg").decode()
    assert "ilp, first: 1.20 kg" in shown
    assert "ilp: 1.30 kg on average" in shown
