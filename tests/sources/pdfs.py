"""PDFs made for tests, by the package that reads them."""

import io
from collections.abc import Sequence

from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject


def pdf(*pages: str | bytes, title: str = "", author: str = "", password: str | None = None) -> bytes:
    """A PDF of pages with these lines, or these drawings. password: what opens it; none when it is not given."""
    writer = PdfWriter()
    for page in pages:
        _draw(writer, page if isinstance(page, bytes) else _lines(page.splitlines()))
    writer.add_metadata({key: value for key, value in (("/Title", title), ("/Author", author)) if value})
    if password is not None:
        writer.encrypt(password, "of the owner", algorithm="AES-256")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _draw(writer: PdfWriter, drawing: bytes) -> None:
    page = writer.add_blank_page(612, 792)
    names = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font = DictionaryObject({NameObject(key): NameObject(value) for key, value in names.items()})
    fonts = DictionaryObject({NameObject("/F1"): font})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    stream = StreamObject()
    stream.set_data(drawing)
    page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())


def _lines(lines: Sequence[str]) -> bytes:
    places = enumerate(line.replace("(", r"\(").replace(")", r"\)") for line in lines)
    drawn = (f"BT /F1 12 Tf 72 {720 - 14 * i} Td ({line}) Tj ET" for i, line in places)
    return "\n".join(drawn).encode("latin-1")
