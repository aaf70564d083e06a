"""Seven small exhibits of loss surfaces: each with a text, a question for the class and its answer.

What an exhibit shows is computed (engine/studies/exhibit_findings.py), so what it claims is what happens: a test holds
each claim to the numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.studies import exhibit_findings as findings
from engine.studies.exhibit_findings import Findings


@dataclass(frozen=True)
class Exhibit:
    """One exhibit: a title, what is shown, a question for the class, its answer, and how it is computed."""

    key: str
    label: str
    text: str
    question: str
    answer: str
    compute: Callable[[], Findings]


_ALL = (
    Exhibit(
        "two_losses", "Cross-entropy above quadratic",
        "A two-layer network: one weight of each layer is varied, and two losses are computed for the same predictions. The upper surface is the "
        "cross-entropy, the lower one half the squared error behind a sigmoid (after Glorot and Bengio, 2010).",
        "Where would you rather start gradient descent, and with which loss?",
        "The quadratic loss saturates where the network is confidently wrong: its plateaus have almost no slope, so "
        "descent from there takes very long. The cross-entropy keeps a slope in the output of every wrong sample.",
        findings.two_losses,
    ),
    Exhibit(
        "roughness", "Rough where deep and narrow",
        "Filter-normalised slices around trained networks without skip connections: 1, 3 and 6 layers, narrow (4) above, "
        "wide (32) below. Measured: the share of a picture that no paraboloid (bowl) explains, and its valleys.",
        "Which of these surfaces would forgive a learning rate that is a little too large?",
        "The shallow ones: at either width the slices of six layers are rougher and have more valleys than those of one. "
        "Width smooths the deep network, from 6 layers of 4 to 6 layers of 32 (Li et al. 2018 saw the same in large networks); "
        "at one and three layers it makes no clear difference here. The numbers are means over three seeds and two pairs "
        "of directions each.",
        findings.roughness,
    ),
    Exhibit(
        "sharp_and_flat", "Sharp and flat minima",
        "One network, one rate, the same number of updates: once with batches of 4, once with all data at a time. The "
        "steepest cut through each end shows the sharpness, λmax (after Keskar et al. 2017).",
        "Small batches end where it is flatter. Is the flatter end also the one with the lower test loss?",
        "Not here: the test losses lie close together, and the large batch even does a little better. "
        "Flatness is a real effect of noisy batches, but it is no proof of good generalisation.",
        findings.sharp_and_flat,
    ),
    Exhibit(
        "two_views", "Two ends, two impressions",
        "Adam and Momentum start at the same weights and end with similar losses, 0.031 and 0.035. Each picture is the "
        "plane of one method's own path, centred on its own end.",
        "In each picture the other method seems to have stopped higher up. Which of the two pictures is right?",
        "Neither: the other end lies far outside each plane, and the picture shows the loss at its projection onto the "
        "plane, not at the network itself. On the straight line between the ends the loss rises by 0.011, about a third of "
        "the loss at the ends, but less than 2 % of what training has removed: a low ridge.",
        findings.two_views,
    ),
    Exhibit(
        "permuted", "The same network, elsewhere",
        "Reordering the hidden neurons, with their weights, changes nothing in what the network computes, but it is another "
        "place in weight space. Nor does it change anything to flip the signs of all weights of a neuron, as tanh(−z) = −tanh(z). "
        "Six neurons have 720 orders and 64 choices of signs: 46,080 such places for every minimum.",
        "If you average the weights of two such networks, what do you get?",
        "A much worse network: the loss on the straight line between them rises to a barrier. Before two good networks "
        "are averaged, their neurons must be matched.",
        findings.permuted,
    ),
    Exhibit(
        "zero_saddle", "The saddle at zero",
        "With all weights and biases at zero and classes of equal size the gradient is zero, so gradient descent never "
        "leaves. The two directions shown are the Hessian's eigenvectors of the largest and of the most negative eigenvalue.",
        "Why does it help to start with small random weights instead?",
        "Any random step has a part along the directions that curve down, and there the gradient grows: descent "
        "leaves the saddle by itself, slowly at first. The random weights also make the neurons differ. With unequal "
        "classes (2 : 1) zero is no saddle, as the output's bias has a slope; but the weights stay at zero, so the network "
        "only learns how frequent the classes are.",
        findings.zero_saddle,
    ),
    Exhibit(
        "threshold", "Flat steps",
        "A hidden layer of thresholds makes the loss a staircase in its weights: flat everywhere, with jumps between. "
        "Gradient descent can train the output layer alone; random search tries points and keeps the best.",
        "What does the gradient say on a flat step, and what does it know about the edge?",
        "It is exactly zero, and it knows nothing of the edge. A method that only compares losses can still step over it.",
        findings.threshold_steps,
    ),
)  # fmt: skip
EXHIBITS: dict[str, Exhibit] = {exhibit.key: exhibit for exhibit in _ALL}
