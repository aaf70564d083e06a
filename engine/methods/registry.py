"""All optimizers by name, in the order in which menus show them."""

from __future__ import annotations

from engine.methods.adam import Adam, AdamW, AMSGrad, Nadam
from engine.methods.adaptive import Adadelta, Adagrad, Lion, RMSprop
from engine.methods.base import FirstOrder, Optimizer
from engine.methods.momentum import SGD, Momentum, Nesterov
from engine.methods.random_search import RandomSearch
from engine.methods.second_order import BFGS, LBFGS, Newton

__all__ = ["OPTIMIZERS", "FirstOrder", "Optimizer"]

_ALL: tuple[type[Optimizer], ...] = (
    SGD,
    Momentum,
    Nesterov,
    Adagrad,
    Adadelta,
    RMSprop,
    Adam,
    AdamW,
    Nadam,
    AMSGrad,
    Lion,
    Newton,
    BFGS,
    LBFGS,
    RandomSearch,
)
OPTIMIZERS: dict[str, type[Optimizer]] = {optimizer.key: optimizer for optimizer in _ALL}
