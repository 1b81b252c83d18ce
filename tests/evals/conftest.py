"""What the tests of experiments share: guests that are ready to run."""

from tests.boxes import _box_home, box

__all__ = ["_box_home", "box"]
