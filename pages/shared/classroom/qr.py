"""A link as a QR code, to be photographed from a projector."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=64)
def qr_code(link: str) -> str:
    """The code as a picture in HTML, black on white in any theme, with the border that readers need."""
    import segno  # needed by this alone

    width = 15 if len(link) < 300 else 26  # a dense code must be large
    picture: str = segno.make(link, error="l", micro=False).svg_data_uri(border=4, dark="#000", light="#fff")
    return f'<img alt="QR code of the link" src="{picture}" style="width:100%;max-width:{width}rem;image-rendering:pixelated">'
