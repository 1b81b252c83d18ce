"""What a picture is made of, read back from its text."""

from xml.etree import ElementTree

from curta.evals.report.plots.drawing import Box, Label

_SVG = "{http://www.w3.org/2000/svg}"


def labels(picture: str) -> list[Label]:
    """All texts that are seen, where they are."""
    return [
        Label(
            float(each.attrib["x"]),
            float(each.attrib["y"]),
            each.text or "",
            each.get("text-anchor", "start"),
            each.get("class", ""),
        )
        for each in ElementTree.fromstring(picture).iter(f"{_SVG}text")
    ]


def marks(picture: str) -> int:
    return sum("mark" in each.get("class", "") for each in ElementTree.fromstring(picture).iter())


def canvas(picture: str) -> Box:
    return Box(*map(float, ElementTree.fromstring(picture).attrib["viewBox"].split()))


def overlapping(picture: str) -> list[tuple[str, str]]:
    """Labels that take the same place, and those that leave the picture."""
    found, whole = labels(picture), canvas(picture)
    pairs = [
        (one.text, other.text)
        for place, one in enumerate(found)
        for other in found[:place]
        if one.box.overlaps(other.box)
    ]
    return pairs + [(each.text, "outside") for each in found if not each.box.within(whole)]
