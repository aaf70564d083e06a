"""The edge of stability: how sharp the loss may be before a method with a given learning rate oscillates.

On a quadratic with curvature λ a method with a fixed rate is a linear map, and it is stable while both roots of its
characteristic polynomial lie inside the unit circle. All the methods here first leave it at z = −1, which gives

    SGD                         λ < 2/η
    momentum, heavy ball        λ < 2(1 + β)/η            v ← βv + g,        θ ← θ − ηv
    momentum, velocity          λ < 2(1 + β)/η            v ← βv − ηg,       θ ← θ + v
    momentum, ema               λ < 2(1 + β)/(η(1 − β))   m ← βm + (1 − β)g, θ ← θ − ηm
    Nesterov, PyTorch's form    λ < 2(1 + β)/(η(1 + 2β))  v ← βv + g,        θ ← θ − η(g + βv)

Adaptive methods divide the gradient by D (P,), for instance √v̂ + ε. Once D moves slowly they are the same on the
preconditioned loss, so for them λ is the largest eigenvalue of D⁻¹H: RMSprop, Adagrad and Adadelta as SGD, Adam as
`ema`; AdamW's decay w takes 2(1 + β) to (2 − ηw)(1 + β).

Each method's class states its own edge. Sources: Cohen et al., Gradient Descent on Neural Networks Typically Occurs at
the Edge of Stability (2021); Cohen et al., Adaptive Gradient Methods at the Edge of Stability (2022).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Threshold:
    """The sharpness beyond which a method oscillates. `value` is None where there is none, and `reason` says why.

    `formula` is LaTeX. `preconditioned`: it is for the eigenvalue of D⁻¹H, not of H, and the method's `divisor` is D.
    """

    value: float | None
    formula: str = ""
    preconditioned: bool = False
    reason: str = ""


def two_over_rate(eta: float, preconditioned: bool = False) -> Threshold:
    """2/η, the edge of gradient descent."""
    return Threshold(2 / eta, r"\frac{2}{\eta}", preconditioned)


def no_threshold(reason: str) -> Threshold:
    return Threshold(None, reason=reason)
