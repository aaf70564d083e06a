"""The names of a network's boxes in three notations: lecture 9 (B), the chapter on training networks (D), and this app."""

from __future__ import annotations

from typing import Any

from engine.network.trace import Box, Trace

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
MARKS = {"B": "g_", "D": "∇", "ours": "∂"}


def names(trace: Trace, notation: str) -> dict[str, dict[str, Any]]:
    """Per box: `base`, its name; `turned`, weights have the upper unit's number first; `bracket`, numbers in brackets."""
    last = max(int(box.key[1:]) for box in trace.boxes if box.key.startswith("z"))
    return {box.key: _named(box.key, last, notation) for box in trace.boxes}


def _named(key: str, last: int, notation: str) -> dict[str, Any]:
    kind, layer = key[0], int(key[1:] or 0)
    turned = kind == "W" and notation != "ours"
    if notation == "ours":
        base = kind + str(layer).translate(SUBSCRIPTS) if layer else key
        return dict(base=base, turned=False, bracket=True)
    if notation == "D":
        letters = {"z": "a", "a": "h", "W": "W", "b": "b"}
        base = (
            f"{letters[kind]}⁽{str(layer).translate(SUPERSCRIPTS)}⁾"
            if layer
            else {"p": "f", "L": "l", "R": "λΩ"}.get(key, key)
        )
        return dict(base=base, turned=turned, bracket=False)
    if not layer:
        return dict(base={"p": "ŷ", "L": "J"}.get(key, key), turned=False, bracket=key in "xy")
    if layer == last:
        return dict(base={"z": "b", "a": "ŷ", "W": "β", "b": "β₀"}[kind], turned=turned, bracket=kind == "b")
    more = "" if last <= 2 else f"⁽{str(layer).translate(SUPERSCRIPTS)}⁾"
    return dict(
        base={"z": "a", "a": "z", "W": "α", "b": "α₀"}[kind] + more, turned=turned, bracket=kind == "b"
    )


def matrix_formulas(box: Box, notation: str) -> dict[str, str]:
    """The formulas of a whole box, as templates with [box] and [∂box]: of its value, and of its derivative."""
    forward, backward = _forward(box, notation), ""
    if box.outputs and box.key != "y" and box.backward:
        backward = f"[∂{box.key}] = {_backward(box, notation)}"
    return dict(forward=f"[{box.key}] = {forward}" if forward else "", backward=backward)


def _forward(box: Box, notation: str) -> str:
    if box.kind == "affine":
        below, W, b = box.inputs
        if notation == "B":
            return f"Σᵢ [{W}]ⱼᵢ·[{below}]ᵢ + [{b}]ⱼ, for each j"
        return f"[{below}] [{W}] + [{b}]" if notation == "ours" else f"[{b}] + [{W}] [{below}]"
    if box.kind == "activation":
        function = {"sigmoid": "σ", "softmax": "softmax"}.get(box.activation, "φ")
        return f"{function}([{box.inputs[0]}])"
    if box.key == "L":
        return f"loss([{box.inputs[0]}], [y])"
    return " + ".join(f"[{key}]" for key in box.inputs) if box.key == "J" else ""


def _backward(box: Box, notation: str) -> str:
    (output, *_) = [key for key in box.outputs if key != "R"] or box.outputs
    number = output[1:]
    if box.is_parameter:
        below = f"a{int(number) - 1}" if number != "1" else "x"
        if box.key[0] == "b":
            return f"[∂{output}]"
        if notation == "B":
            return f"[∂{output}]ⱼ·[{below}]ᵢ"
        return f"[{below}]ᵀ [∂{output}]" if notation == "ours" else f"[∂{output}] [{below}]ᵀ"
    if output[0] == "z":  # the input of a layer
        W = f"W{number}"
        if notation == "B":
            return f"Σₖ [{W}]ₖⱼ·[∂{output}]ₖ, for each j"
        return f"[∂{output}] [{W}]ᵀ" if notation == "ours" else f"[{W}]ᵀ [∂{output}]"
    if box.kind == "affine" and output[0] == "a":
        return f"[∂{output}] ⊙ φ′([{box.key}])"
    if output == "p":
        return "[p] − [y]"
    return "the slope of the loss"
