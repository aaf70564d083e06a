"""Configurations: what is refused and how, JSON and URL round trips, hostile links."""

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import (
    OPTIMIZERS,
    DatasetConfig,
    ExperimentConfig,
    LaneConfig,
    NetworkConfig,
)
from engine.checks import short
from engine.config.changes import needs_new_run
from engine.config.experiment import from_query_checked
from engine.limits import FIELDS, PAGE_LAYERS, PAGE_NEURONS
from engine.network.config import SIGMOID_LOSSES
from engine.network.losses import task_loss
from engine.options import Option
from tests.engine.strategies import experiments

# --- round trips ---------------------------------------------------------------------------------------


@given(experiments())
@settings(max_examples=150, deadline=None)
def test_json_and_query_give_the_same_experiment_back(config):
    assert ExperimentConfig.from_json(config.to_json()) == config
    query = config.to_query()
    assert all(isinstance(key, str) and isinstance(value, str) for key, value in query.items())
    back, problems = from_query_checked(query)
    assert problems == []
    assert back == config


OTHER_NETWORK = dict(
    hidden=(3,), activation="relu", initializer="normal", initializer_options={"scale": 0.5},
    output_activation="sigmoid", frozen=(1,), biases=False,
)  # fmt: skip


@pytest.mark.parametrize("field", [field.name for field in fields(NetworkConfig)])
def test_every_field_of_a_network_is_in_a_link_and_a_change_of_it_needs_a_new_run(field):
    """One that is added must be written, read and compared as well."""
    usual = ExperimentConfig(network=NetworkConfig((4,), initializer="uniform"), loss="quadratic")
    other = replace(usual, network=replace(usual.network, **{field: OTHER_NETWORK[field]}))
    assert ExperimentConfig.from_query(other.to_query()) == other != usual
    assert needs_new_run(usual, other)


def test_tables_keep_their_columns_in_a_query():
    config = ExperimentConfig(
        DatasetConfig("penguins", columns=("bill_depth_mm", "body_mass_g"), label="island", test_fraction=0.2)
    )
    assert from_query_checked(config.to_query()) == (config, [])


def test_an_uploaded_table_is_in_json_and_not_in_a_query():
    config = ExperimentConfig(DatasetConfig("csv", csv="a,b,c\n1,2,x\n3,4,y\n"))
    assert ExperimentConfig.from_json(config.to_json()) == config
    query = config.to_query()
    assert "1,2,x" not in str(query)
    back, problems = from_query_checked(query)
    assert back.dataset.name == "circles"
    assert len(problems) == 1 and "table" in problems[0]


def test_the_query_is_what_the_documentation_shows():
    config = ExperimentConfig(
        DatasetConfig("spiral", samples=500, seed=7),
        NetworkConfig((16, 16)),
        lanes=(
            LaneConfig("adam", 0.01, {"beta1": 0.9}),
            LaneConfig("sgd", 0.3, seed=3, name="plain, slow"),
            LaneConfig("adam", 0.01, {"beta1": 0.5}),
        ),
    )
    query = config.to_query()
    assert query | {"data": "spiral", "n": "500", "net": "16-16", "opt": "adam", "lr": "0.01"} == query
    assert query["opt.beta1"] == "0.9"
    assert query["lane1"] == "opt:sgd,lr:0.3,name:plain%2C slow,seed:3"
    assert query["lane2"] == "opt:adam,opt.beta1:0.5"
    assert "lane0" not in query


def test_a_link_of_many_bad_values_is_answered_with_twenty_sentences():
    _, problems = from_query_checked({f"opt.none{k}": "1" for k in range(50)})
    assert len(problems) == 20


def test_a_whole_number_is_rounded_and_a_lanes_sentence_names_the_lane():
    config, problems = from_query_checked({"batch": "2.7", "lane1": "lr:oops"})
    assert config.batch_size == 3
    assert problems[0].startswith("lane1 lr is 'oops'") and problems[1].startswith("batch is '2.7'")


def test_an_empty_query_is_the_default_experiment():
    assert from_query_checked({}) == (ExperimentConfig(), [])


def test_a_method_named_without_a_rate_gets_one_that_suits_it():
    config = ExperimentConfig.from_query({"opt": "adam"})
    assert config.lanes[0].learning_rate == OPTIMIZERS["adam"].start_rate


# --- hostile links -------------------------------------------------------------------------------------

KEYS = """
data n noise test dseed feat x y label net act init init.scale out opt lr opt.beta1 opt.form sched
sched.total l1 l2 name loss batch seed dtype lane0 lane1 lane2 lane99999 whatever
""".split()  # noqa: SIM905
BAD = (
    "",
    " ",
    "nan",
    "-inf",
    "1e999",
    "-1",
    "0",
    "9" * 400,
    "1_0",
    "٣",
    "0x10",
    "None",
    "true",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "\x00\n",
    "\ud800",
    "x" * 5000,
    "-",
    "--",
    "1--2",
    "8-8-8-8-8-8-8-8",
    "tanh-",
    ",",
    ":",
    "a:b,c",
    "lr:nan,opt:adam,opt.beta1:2,net:0,act:zzz,%",
    "name:%00%ff,batch:0",
    "threshold",
    "sigmoid",
    "cross_entropy",
    "iris",
    "csv",
)
hostile = st.one_of(st.sampled_from(BAD), st.text(max_size=30), st.floats().map(str), st.integers().map(str))


@given(st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=8)), hostile, max_size=12))
@settings(max_examples=400, deadline=None)
def test_no_query_raises_and_what_comes_out_is_valid_and_stable(query):
    config, problems = from_query_checked(query)
    assert ExperimentConfig.from_query(query) == config
    assert from_query_checked(config.to_query()) == (config, [])
    assert all(len(network.hidden) <= PAGE_LAYERS for network in [config.network])
    assert all(width <= PAGE_NEURONS for width in config.network.hidden)
    assert len(problems) <= 20
    for problem in problems:
        assert problem.endswith(".") and len(problem) < 600
        assert problem.isprintable()


@pytest.mark.parametrize(
    ("key", "value", "names", "field", "used"),
    [
        ("n", "1e9", ("n", "1e9", "5000"), lambda c: c.dataset.samples, 5000),
        ("n", "-3", ("n", "-3", "10"), lambda c: c.dataset.samples, 10),
        ("noise", "nan", ("noise", "nan", "0.1"), lambda c: c.dataset.noise, 0.1),
        ("lr", "inf", ("lr", "inf", "0.03"), lambda c: c.lanes[0].learning_rate, 0.03),
        ("lr", "1e9", ("lr", "1e9", "1000"), lambda c: c.lanes[0].learning_rate, 1000),
        ("data", "zebra", ("data", "zebra", "circles"), lambda c: c.dataset.name, "circles"),
        ("opt", "zebra", ("opt", "zebra", "sgd"), lambda c: c.lanes[0].optimizer, "sgd"),
        ("act", "zebra", ("act", "zebra", "tanh"), lambda c: c.network.activation, "tanh"),
        ("net", "99-4", ("net", "99-4", "32-4"), lambda c: c.network.hidden, (32, 4)),
        ("net", "1-1-1-1-1-1-1", ("net", "1-1-1-1-1-1"), lambda c: c.network.hidden, (1,) * 6),
        ("feat", "x1,zebra", ("feat", "zebra", "x1"), lambda c: c.dataset.features, ("x1",)),
        ("loss", "cross_entropy!", ("loss", "cross_entropy!"), lambda c: c.loss, "binary_cross_entropy"),
        ("batch", "2.5", ("batch", "2.5", "2"), lambda c: c.batch_size, 2),
        ("dtype", "float16", ("dtype", "float16", "float32"), lambda c: c.dtype, "float32"),
        ("opt.zebra", "1", ("opt.zebra",), lambda c: c.lanes[0].options, {}),
    ],
)
def test_a_bad_value_is_named_and_replaced(key, value, names, field, used):
    config, problems = from_query_checked({key: value})
    assert field(config) == used
    assert len(problems) == 1
    for name in names:
        assert name in problems[0]


def test_a_long_value_is_cut_in_the_message():
    problem = from_query_checked({"data": "z" * 4000})[1][0]
    assert len(problem) < 400


def test_the_largest_link_is_within_the_limits_of_an_experiment():
    query = {"net": "32-32-32-32-32-32"} | {f"lane{k}": "seed:1" for k in range(1, 400)}
    config, problems = from_query_checked(query)
    assert len(config.lanes) == 400 and problems == []
    config, problems = from_query_checked(query | {"lane400": "lr:1"})
    assert len(config.lanes) == 400 and "lane400" in problems[0]
    config, problems = from_query_checked(query, max_lanes=3)
    assert len(config.lanes) == 3 and "lane 2" in problems[0]


# --- refusals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: DatasetConfig("zebra"), ("zebra", "circles")),
        (lambda: DatasetConfig(samples=10**9), ("1000000000", "10", "5000")),
        (lambda: DatasetConfig(samples="300"), ("'300'", "number")),
        (lambda: DatasetConfig(noise=float("nan")), ("nan", "finite")),
        (lambda: DatasetConfig(features=()), ("at least one",)),
        (lambda: DatasetConfig(features=("x1", "x1")), ("once",)),
        (lambda: DatasetConfig(features="x1"), ("list",)),
        (lambda: DatasetConfig("csv"), ("text",)),
        (lambda: DatasetConfig("circles", csv="a,b"), ("csv",)),
        (lambda: DatasetConfig("iris", columns=("a", "a")), ("two different",)),
        (lambda: NetworkConfig((0,)), ("0", "1 to 512")),
        (lambda: NetworkConfig((True,)), ("True",)),
        (lambda: NetworkConfig((2.5,)), ("2.5", "whole")),
        (lambda: NetworkConfig((1,) * 13), ("13", "12")),
        (lambda: NetworkConfig(8), ("list",)),
        (lambda: NetworkConfig((8, 8), ("tanh",)), ("1 activations", "2 hidden")),
        (lambda: NetworkConfig(activation="zebra"), ("zebra", "tanh")),
        (lambda: NetworkConfig(initializer_options={"zebra": 1}), ("zebra", "glorot_uniform")),
        (lambda: LaneConfig("zebra"), ("zebra", "adam")),
        (lambda: LaneConfig("adam", options={"beta1": 2}), ("2", "β₁")),
        (lambda: LaneConfig("sgd", options={"beta1": 0.5}), ("sgd", "beta1")),
        (lambda: LaneConfig(learning_rate=0), ("0", "1000")),
        (lambda: LaneConfig(schedule="zebra"), ("zebra", "cosine")),
        (lambda: LaneConfig(batch_size=0), ("0", "1")),
        (lambda: LaneConfig(name="x" * 61), ("60",)),
        (lambda: LaneConfig(name="a\nb"), ("printable",)),
        (lambda: ExperimentConfig(lanes=()), ("0 lanes",)),
        (lambda: ExperimentConfig(lanes=(1,)), ("LaneConfig",)),
        (lambda: ExperimentConfig(dtype="float16"), ("float16", "float32")),
        (lambda: ExperimentConfig(dataset="circles"), ("DatasetConfig",)),
        (lambda: ExperimentConfig(network=NetworkConfig((512,) * 12), lanes=(LaneConfig(),) * 9), ("fewer",)),
        (
            lambda: ExperimentConfig(network=NetworkConfig(output_activation="sigmoid")),
            ("sigmoid", *SIGMOID_LOSSES),
        ),
    ],
)
def test_a_bad_configuration_is_refused_with_a_sentence(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    message = str(caught.value)
    assert message.endswith(".") and len(message) < 400
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("JSON",)),
        ("nonsense", ("JSON",)),
        ("[" * 100_000, ("nested",)),
        ("[]", ("experiment",)),
        ("3", ("experiment",)),
        ('{"zebra": 1}', ("zebra",)),
        ('{"dataset": 3}', ("dataset",)),
        ('{"dataset": {"zebra": 1}}', ("dataset", "zebra")),
        ('{"lanes": {}}', ("list",)),
        ('{"lanes": [{"network": {"zebra": 1}}]}', ("Lane 1", "zebra")),
        ('{"lanes": [{"learning_rate": NaN}]}', ("NaN",)),
        ('{"lanes": [{"learning_rate": 1e999}]}', ("inf",)),
        ('{"lanes": [{"options": [1]}]}', ("options",)),
        ('{"seed": 1e400}', ("inf",)),
        ('{"network": {"hidden": "88"}}', ("88",)),
        ('{"network": {"hidden": [[1]]}}', ("[1]",)),
        ('{"batch_size": null}', ("None",)),
    ],
)
def test_bad_json_is_refused_with_a_sentence(text, words):
    with pytest.raises(ValueError) as caught:
        ExperimentConfig.from_json(text)
    message = str(caught.value)
    assert message.endswith(".") and len(message) < 500
    for word in words:
        assert word in message


def test_huge_json_is_refused_unread():
    with pytest.raises(ValueError, match="characters"):
        ExperimentConfig.from_json(" " * 20_000_000)


PLAIN = st.none() | st.booleans() | st.floats() | st.text(max_size=5)
NAMES = st.sampled_from(["dataset", "network", "lanes", "seed", "name", "hidden", "options"])


@given(st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)))
@settings(max_examples=200, deadline=None)
def test_any_json_is_an_experiment_or_a_sentence(value):
    try:
        ExperimentConfig.from_json(json.dumps(value))
    except ValueError as error:
        assert str(error).endswith(".")


# --- the rest ------------------------------------------------------------------------------------------


def test_none_means_as_the_experiment():
    own = NetworkConfig((3,))
    config = ExperimentConfig(
        batch_size=7,
        seed=5,
        loss="huber",
        lanes=(LaneConfig(), LaneConfig(batch_size=2, network=own, seed=9)),
    )
    first, second = config.lane(0), config.lane(1)
    assert (first.batch_size, first.seed, first.loss, first.network) == (7, 5, "huber", config.network)
    assert (second.batch_size, second.seed, second.loss, second.network) == (2, 9, "huber", own)


def test_equal_configs_are_equal_and_hash_alike():
    a, b = LaneConfig("adam", 1, {"beta1": 0.5}), LaneConfig("adam", 1.0, {"beta1": 0.5})
    assert a == b and hash(a) == hash(b) and isinstance(a.learning_rate, float)
    assert hash(ExperimentConfig()) == hash(ExperimentConfig())
    assert a != LaneConfig("adam", 1.0, {"beta1": 0.4})


@pytest.mark.parametrize(
    ("loss", "task", "expected"),
    [
        (None, "binary", "binary_cross_entropy"),
        (None, "multiclass", "cross_entropy"),
        (None, "regression", "mean_squared_error"),
        ("cross_entropy", "binary", "binary_cross_entropy"),
        ("binary_cross_entropy", "multiclass", "cross_entropy"),
        ("quadratic", "binary", "quadratic"),
    ],
)
def test_cross_entropy_takes_the_form_that_fits_the_task(loss, task, expected):
    assert task_loss(loss, task) == expected


def test_cross_entropy_on_values_is_refused():
    with pytest.raises(ValueError, match="values"):
        task_loss("cross_entropy", "regression")


def test_a_number_that_python_does_not_write_is_said_in_words():
    assert short(10**5000) == "a number too long to write"
    assert len(short(10**500)) == 60


@pytest.mark.parametrize("field", ["seed", "batch_size", "lanes"])
@pytest.mark.parametrize("digits", [30, 400, 4000])
def test_a_number_of_many_digits_is_refused_in_a_short_sentence(field, digits):
    number = "7" * digits
    text = {"lanes": f'{{"lanes": [{{"learning_rate": {number}}}]}}'}.get(field, f'{{"{field}": {number}}}')
    with pytest.raises(ValueError, match="This experiment can't be used") as found:
        ExperimentConfig.from_json(text)
    assert len(str(found.value)) < 300


@pytest.mark.parametrize(
    "value", ["x" * 5000, [1] * 5000, 10**400, 10**5000, {"a": "b" * 999}], ids=lambda v: type(v).__name__
)
def test_no_option_repeats_a_long_value_in_full(value):
    options = (
        *FIELDS.values(),
        Option("form", "a", "Form", "", choices=("a", "b")),
        Option("on", True, "On", ""),
    )
    for option in options:
        with pytest.raises(ValueError) as found:
            option.check(value)
        assert len(str(found.value)) < 300
        assert option.check(option.clamp(value)) == option.clamp(value)
