"""A link as a QR code, to be photographed from a projector."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=64)
def qr_code(link: str) -> str:
    """The code as an SVG picture, black on white in any theme, with the border that readers need."""
    import segno  # needed by this alone

    svg: str = segno.make(link, error="l", micro=False).svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True
    )
    return svg.replace(
        "<svg ", '<svg role="img" aria-label="QR code of the link" style="width:100%;max-width:22rem" ', 1
    )
