"""What stands around the list of slides, as HTML: the five parts of a learner, the training loop, a short history."""

from __future__ import annotations

from html import escape

LEARNER = (
    ("Objective", "the loss and its penalties", "first_steps?view=losses"),
    ("Data", "what it learns from", "playground?data=spiral"),
    ("Hypothesis space", "layers, neurons, activations", "capacity?view=build"),
    ("Optimizer", "how weights change", "arena"),
    ("Compute", "what a step costs", "backpropagation?view=cost"),
)
LOOP = (
    ("Initialise", "weights at random, biases at zero", "units?view=start"),
    ("Take a batch", "some of the samples", "first_steps?view=noise"),
    ("Predict", "forwards through the layers", "backpropagation?view=boxes&step=7"),
    ("Loss", "how wrong is it?", "first_steps?view=losses"),
    ("Gradient", "backwards through the layers", "backpropagation?view=boxes&step=15"),
    ("Penalty", "a cost for large weights", "generalisation?view=penalties"),
    ("Update", "θ ← θ − ηg, and again", "arena?panel=slow"),
)
HISTORY = (
    ("1950s", "Pontryagin and others carry sensitivities backwards in the theory of optimal control. (Pontryagin, Boltyanskii, Gamkrelidze and Mishchenko, The Mathematical Theory of Optimal Processes, in English 1962)"),
    ("1970", "Linnainmaa describes automatic differentiation in reverse, for rounding errors. (Master's thesis, University of Helsinki)"),
    ("1985", "LeCun trains networks of threshold units with targets that are passed backwards. (Une procédure d'apprentissage pour réseau à seuil asymétrique, Cognitiva 85)"),
    ("1986", "Rumelhart, Hinton and Williams show that backpropagation finds useful hidden units. (Learning representations by back-propagating errors, Nature 323)"),
    ("2024", "The Nobel Prize in Physics goes to Hopfield and Hinton, for foundational work on machine learning with networks; it was not given for one paper."),
)  # fmt: skip
STYLE = """<style>
.lectures-map { display: flex; flex-wrap: wrap; gap: .4rem; padding: 0 !important; margin: 0 0 .3rem !important; list-style: none; }
.lectures-map li { display: flex; flex: 1 1 8rem; align-items: center; gap: .4rem; margin: 0 !important; }
.lectures-map li:not(:first-child)::before { content: "→"; }
.lectures-map.lectures-parts li::before { content: none; }
.lectures-map a { flex: 1; height: 100%; padding: .4rem .6rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent);
  border-radius: .5rem; color: inherit; text-decoration: none; line-height: 1.25; }
.lectures-map a:hover, .lectures-map a:focus { border-color: currentColor; }
.lectures-map small { display: block; opacity: .8; }
.lectures-list { width: 100%; border-collapse: collapse; line-height: 1.35; }
.lectures-list th, .lectures-list td { padding: .35rem .6rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
.lectures-list td:first-child, .lectures-list td:last-child { white-space: nowrap; }
.lectures-list td:first-child { font-weight: 600; }
.lectures-list p { margin: .15rem 0 0; }
.lectures-list a, .lectures-list a:visited { color: inherit; text-decoration: underline; white-space: nowrap; }
[data-testid=stHtml] h2 { font-size: 1.1rem; margin: .4rem 0 0; padding: 0; }
.lectures-history dt { float: left; clear: left; width: 4.5rem; font-weight: 600; }
.lectures-history dd { margin: 0 0 .25rem 4.5rem; }
@media (max-width: 640px) {
  .lectures-list thead { display: none; }
  .lectures-list tr, .lectures-list td { display: block; border: 0; }
  .lectures-list tr { padding: .5rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
}
@media print {
  [data-testid=stHeader], [data-testid=stSidebar], .st-key-lectures_filters, [data-testid=stToolbar], [data-testid=stPopover] { display: none !important; }
  .stApp, [data-testid=stAppViewContainer], [data-testid=stMain] { position: static !important; height: auto !important; overflow: visible !important; }
  .stMainBlockContainer { padding: 0 !important; }
  .lectures-list tr { break-inside: avoid; }
  .lectures-list a::after { content: " " attr(data-shown); font-size: .8em; white-space: normal; overflow-wrap: anywhere; }
}
</style>"""


def address(link: str) -> str:
    """Where a link of the app leads from the page that lists it: the Playground is the first page, and has no name."""
    page, mark, query = link.partition("?")
    return ("./" if page == "playground" else page) + mark + query


def anchor(link: str, inside: str) -> str:
    """A link that opens in another tab, so that the list stays."""
    return f'<a href="{escape(address(link))}" data-shown="{escape(link)}" target="_blank" rel="noopener">{inside}</a>'


def parts_map() -> str:
    """The five parts of a learner."""
    return _map(LEARNER, "lectures-map lectures-parts", "The parts of a learner")


def loop_map() -> str:
    """The training loop, in its order."""
    return _map(LOOP, "lectures-map", "The training loop")


def _map(boxes: tuple[tuple[str, str, str], ...], kind: str, label: str) -> str:
    items = (
        f"<li>{anchor(link, f'<b>{escape(name)}</b><small>{escape(what)}</small>')}</li>"
        for name, what, link in boxes
    )
    return f'<ol class="{kind}" aria-label="{label}">{"".join(items)}</ol>'


def history() -> str:
    """Where backpropagation comes from, with sources."""
    lines = "".join(f"<dt>{year}</dt><dd>{escape(what)}</dd>" for year, what in HISTORY)
    return f'<dl class="lectures-history">{lines}</dl>'
