"""A long link in one parameter: `z=1…` holds all others, deflated and in base64 for URLs. A short link stays as it is.

The digit names the dictionary that the text was deflated with: words of links, so that even short texts shrink. A new
dictionary needs another digit, as links with the old one must go on to work. What is unpacked is bounded: a few bytes can
stand for gigabytes.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote, urlencode

NAME = "z"
LONGEST = 1990  # characters of a link as it is shared
MOST_BYTES = 20_000  # of the parameters, unpacked
MOST_PARAMETERS = 300
DAMAGED = "The link is damaged: its parameter z can't be unpacked. It is left out."
LANE = re.compile(r"lane[0-9]+")
ESCAPED, BEYOND = re.compile(r"(?:%[89A-F][0-9A-F])+"), re.compile(r"[^\x00-\x7f]+")
WORDS = {
    "1": (
        b"checkerboard three_spirals gaussians two_bumps penguins moons blobs plane iris "
        b"x1_squared,x2_squared,x1_x2,sin_x1,sin_x2 &test=0.&dseed=&noise=0.&samples&n=&label=&target= "
        b"&init=orthogonal&init.scale=&init=glorot_normal&init=glorot_uniform&init=he_uniform&init=he_normal&init=lecun_normal"
        b"&init=uniform&init=constant&init=zeros &loss=mean_squared_error&loss=binary_cross_entropy&loss=cross_entropy&loss=huber"
        b"&act=threshold-identity-softplus-leaky_relu-sigmoid-sine-gelu-silu-relu-elu-tanh-tanh&out=sigmoid "
        b"&sched=inverse_sqrt,sched:inverse_time,sched:exponential,sched:one_cycle,sched:constant,sched:cosine,sched:power,sched:step,"
        b"sched.total:,sched.warmup:,sched.hold:,sched.delta:,sched.factor:,sched.every: &opt.form=heavy_ball,opt.form:velocity,opt.form:ema,"
        b"opt.eps_in_sqrt:false,opt.weight_decay:0.,opt.beta1:0.9,opt.beta2:0.99,opt.beta:0.9,opt.eps:1e-,"
        b"opt:random_search,opt:adadelta,opt:nesterov,opt:rmsprop,opt:adagrad,opt:amsgrad,opt:momentum,opt:newton,opt:lbfgs,opt:bfgs,opt:adamw,"
        b"opt:nadam,opt:lion,opt:adam,opt:sgd,net:16-16-,batch:,seed:,loss:,init:,act:,out:,l1:0.,l2:0.,lr:0.0,name: "
        b"&view=&panel=&seeds=&fairness=&hide=&lock=&task=&opens=&ask=&lesson=&projector=1&data=spiral&net=8-8&batch=32&seed=0&l1=0.&l2=0."
        b"&opt=adam&lr=0.01&lane0=&lane1=&lane2=&lane3=&lane4=&lane5=&lane6=&lane7=opt:adam,lr:0.01,name:"
    ),
}  # fmt: skip
NOW = "1"


def link_text(query: Mapping[str, str]) -> str:
    """The parameters as they stand in a link."""
    return urlencode(query, safe=":,~;")


def fitting(query: Mapping[str, str], address: str = "") -> tuple[dict[str, str], str]:
    """The parameters for a link at `address`: as they are where they fit in, else packed; and a sentence where even so
    something had to be left out.
    """

    def fits(query: Mapping[str, str]) -> bool:
        return len(address) + 1 + len(link_text(query)) <= LONGEST

    query = dict(query)
    if fits(query):
        return query, ""
    for left_out, shorter in (
        ("", query),
        ("the names of lanes", nameless(query)),
        ("names and task", taskless(query)),
    ):
        small = {NAME: pack(shorter)}
        if fits(small):
            return (
                small,
                f"{left_out.capitalize()} are left out: the link would be too long with them."
                if left_out
                else "",
            )
    return {NAME: pack(query)}, "This link is very long: some programs may cut it off."


def nameless(query: Mapping[str, str]) -> dict[str, str]:
    """Without the names of lanes, which say nothing of how they train."""
    lanes = {key: value for key, value in query.items() if LANE.fullmatch(key)}
    items = {
        key: [item for item in value.split(",") if not item.startswith("name:")]
        for key, value in lanes.items()
    }
    return {key: value for key, value in query.items() if key != "name"} | {
        key: ",".join(each) for key, each in items.items()
    }


def taskless(query: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in nameless(query).items() if key != "task"}


def pack(query: Mapping[str, str]) -> str:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, WORDS[NOW])
    # the words of a query without the escapes of a URL, which would only make it longer
    text = "&".join(f"{_safe(name)}={_safe(_plain(name, value))}" for name, value in query.items())
    data = squeeze.compress(text.encode()) + squeeze.flush()
    return NOW + base64.urlsafe_b64encode(data).decode().rstrip("=")


def _plain(name: str, value: str) -> str:
    """A lane's value without the escapes of letters beyond ASCII, which all have: `_quoted` puts them back."""
    return (
        ESCAPED.sub(lambda found: unquote(found[0], errors="strict"), value)
        if LANE.fullmatch(name)
        else value
    )


def _quoted(name: str, value: str) -> str:
    return BEYOND.sub(lambda found: quote(found[0]), value) if LANE.fullmatch(name) else value


def _safe(text: str) -> str:
    return (
        text.replace("%", "%25")
        .replace("&", "%26")
        .replace("=", "%3D")
        .replace("+", "%2B")
        .replace(";", "%3B")
    )


def unpacked(query: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    """The parameters of a link, whether it was packed or not; a sentence joins `problems` where it can't be unpacked."""
    query = dict(query)
    if NAME not in query:
        return query
    raw = query.pop(NAME)
    try:
        found = _unpack(raw)
    except (ValueError, KeyError, binascii.Error, zlib.error):
        problems.append(DAMAGED)
        return query
    return found | query


def _unpack(raw: str) -> dict[str, str]:
    if len(raw) > 2 * LONGEST:
        raise ValueError("longer than any link")
    words = WORDS[raw[:1]]
    data = base64.b64decode(raw[1:] + "=" * (-(len(raw) - 1) % 4), altchars=b"-_", validate=True)
    stretch = zlib.decompressobj(-15, words)
    text = stretch.decompress(data, MOST_BYTES)
    if stretch.unconsumed_tail or not stretch.eof:
        raise ValueError("too much, or cut off")
    pairs = parse_qsl(
        text.decode(), keep_blank_values=True, strict_parsing=bool(text), max_num_fields=MOST_PARAMETERS
    )
    return {name: _quoted(name, value) for name, value in pairs}
