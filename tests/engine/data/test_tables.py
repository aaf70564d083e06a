"""The CSV reader: whatever a spreadsheet, pandas or R writes comes back, and the rest is refused with the right reason."""

import csv
import io

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.data.selection import guess_roles, guess_target, select
from engine.data.tables import TableError, read_table

PANDAS = ",length,width,kind\n0,1.5,2,a\n1,2.5,3,b\n2,3.5,5,a\n"
R_CSV = '"","length","width","kind"\n"1",1.5,2,"a"\n"2",2.5,3,"b"\n"3",3.5,5,"a"\n'
R_TABLE = '"length","width","kind"\n"1",1.5,2,"a"\n"2",2.5,3,"b"\n"3",3.5,5,"a"\n'
PANDAS_NUMBERED = ",0,1,2\n0,1.5,2,a\n1,2.5,3,b\n2,3.5,5,a\n"
ENDS = ("length,width,kind,\n1.5,2,a,\n2.5,3,b,\n3.5,5,a,\n", "length,width,kind\n1.5,2,a,\n2.5,3,b,\n3.5,5,a,\n",
        "length,width,kind,\n1.5,2,a\n2.5,3,b\n3.5,5,a\n", "1.5,2,a,\n2.5,3,b,\n3.5,5,a,\n")  # fmt: skip
TWO_LINES = '"length\n(cm)","width,\r\nwith a comma",kind\n1.5,2,a\n2.5,3,b\n3.5,5,a\n'


def table(rows, header="x,y,label"):
    return read_table(f"{header}\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))


def spread(labels):
    """Rows with these labels and two columns that vary."""
    return [(k, k * k % 7, label) for k, label in enumerate(labels)]


@pytest.mark.parametrize("text", [PANDAS, R_CSV, R_TABLE, PANDAS_NUMBERED, *ENDS, TWO_LINES])
def test_tables_as_pandas_and_r_write_them_are_read(text):
    got = read_table(text)
    assert got.rows == 3
    roles, label = guess_roles(got)
    np.testing.assert_array_equal(got.column(roles[0]).numbers, [1.5, 2.5, 3.5])
    np.testing.assert_array_equal(got.column(roles[1]).numbers, [2, 3, 5])
    assert got.column(label).texts == ("a", "b", "a")


def test_a_quoted_name_over_two_lines_is_one_name_and_later_lines_are_counted_right():
    got = read_table(TWO_LINES)
    assert [column.name for column in got.columns] == ["length (cm)", "width, with a comma", "kind"]
    assert got.lines == (4, 5, 6)
    with pytest.raises(TableError, match="Line 5 has 2 values"):
        read_table(TWO_LINES.replace("2.5,3,b", "2.5,3"))


def test_a_column_named_like_a_missing_value_is_a_column():
    """Sodium, as in the table of glass."""
    got = read_table("RI,Na,Mg\n1.52,13.6,4.4\n1.51,13.8,3.6\n")
    assert [column.name for column in got.columns] == ["RI", "Na", "Mg"]
    assert got.rows == 2


@pytest.mark.parametrize("word", ["none", "NA", "null", "?"])
def test_a_class_may_be_called_like_a_missing_value(word):
    got = table(spread(["some", word] * 10))
    chosen = select(got, ("x", "y"), "label")
    assert sorted(chosen.class_names) == sorted([word, "some"])
    assert len(chosen.target) == 20
    assert chosen.notes == (f"{word!r} is a class of label; leave the cell empty where it means missing.",)


def test_a_word_that_means_missing_among_numbers_means_it_in_the_whole_table():
    rows = [*spread(["some", "NA"] * 10), ("NA", 1, "some"), (3, 4, ""), (3, 4, "other"), (5, 4, "other")]
    chosen = select(table(rows), ("x", "y"), "label")
    assert chosen.class_names == ("other", "some")
    assert chosen.notes == ("12 of 24 rows lack a value and were left out.",)


@pytest.mark.parametrize("target", [None, "classes", "values"])
def test_one_number_written_in_many_ways_is_constant(target):
    got = table(spread(["1", "1.0", "1.", "1e0"] * 5))
    with pytest.raises(TableError, match="Column label has the same value in every row"):
        select(got, ("x", "y"), "label", target)


def test_0_and_0_point_0_are_one_class_and_2_stands_before_10():
    chosen = select(table(spread(["10", "0", "0.0", "2", "10.0", "2"] * 4)), ("x", "y"), "label")
    assert chosen.class_names == ("0", "2", "10")
    assert chosen.target.tolist() == [2, 0, 0, 1, 2, 1] * 4


def test_few_measured_values_are_values_unless_somebody_says_classes():
    got = table(spread([0.5, 1.0, 1.5] * 6))
    assert guess_target(got.column("label")) == "values"
    assert select(got, ("x", "y"), "label").class_names == ()
    assert select(got, ("x", "y"), "label", "classes").class_names == ("0.5", "1.0", "1.5")


def test_few_whole_numbers_are_classes_unless_somebody_says_values():
    got = table(spread([3, 4, 5] * 6))
    assert guess_target(got.column("label")) == "classes"
    assert select(got, ("x", "y"), "label").class_names == ("3", "4", "5")
    chosen = select(got, ("x", "y"), "label", "values")
    assert chosen.class_names == () and chosen.target.tolist() == [3.0, 4.0, 5.0] * 6


def test_text_cannot_be_values_and_many_numbers_cannot_be_classes():
    with pytest.raises(TableError, match=r"'a' is not a number\. Read column label as classes"):
        select(table(spread(["a", "b"] * 6)), ("x", "y"), "label", "values")
    with pytest.raises(TableError, match="12 classes; keep at most 10, or read them as values"):
        select(table(spread([*range(12)] * 2)), ("x", "y"), "label", "classes")


@pytest.mark.parametrize("size", [2e-13, 1e-200, 1e-280])
def test_a_small_column_is_not_constant(size):
    got = table([(k * size, k * k % 7, "ab"[k % 2]) for k in range(20)])
    assert len(select(got, ("x", "y"), "label").points) == 20


def test_equal_to_rounding_is_constant():
    with pytest.raises(TableError, match="Column x has the same value"):
        select(table([(1e9 + k % 2 * 1e-6, k, "ab"[k % 2]) for k in range(20)]), ("x", "y"), "label")


def test_the_guess_passes_over_row_numbers_and_constants():
    got = read_table("id,same,a,b,kind\n" + "".join(f"{k},7,{k * k % 11},{k % 5},{'uv'[k % 2]}\n" for k in range(1, 21)))  # fmt: skip
    assert guess_roles(got) == (("a", "b"), "kind")


# Any table, as any of them writes it ---------------------------------------------------------------------------

WORD = st.text("abcäöü ßz.'(%", min_size=1, max_size=8).map(str.strip).filter(bool)
NAME = st.one_of(WORD, st.builds(lambda a, b: f'{a}\n{b} "q", x', WORD, WORD))
NUMBER = st.one_of(st.floats(-1e12, 1e12, allow_subnormal=False), st.integers(-(10**6), 10**6))


@st.composite
def tables(draw):
    rows = draw(st.integers(2, 12))
    kinds = draw(st.lists(st.booleans(), min_size=2, max_size=5))
    names = draw(
        st.lists(NAME, min_size=len(kinds), max_size=len(kinds), unique_by=lambda s: " ".join(s.split()))
    )
    columns = [draw(st.lists(NUMBER if numeric else WORD, min_size=rows, max_size=rows)) for numeric in kinds]
    return kinds, names, columns


@settings(max_examples=300, deadline=None)
@example(
    ([True, True, False], ["a", "b", 'a\na "q", x'], [[0.0, 0.5, 0.0], [0, 0, 0], ["a", "a", "a"]]),
    ";", "\n", csv.QUOTE_MINIMAL, "write.table", False, False,
)  # fmt: skip
@given(
    tables(),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["none", "pandas", "write.csv", "write.table"]),
    st.booleans(),
    st.booleans(),
)
def test_any_table_comes_back(made, mark, newline, quoting, index, ends_with_mark, with_bom):
    kinds, names, columns = made
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=mark, lineterminator=newline, quoting=quoting)
    header = [""] * (index in ("pandas", "write.csv")) + names
    end = [""] * (ends_with_mark and index != "write.table")
    writer.writerow(header + end)
    for k, row in enumerate(zip(*columns, strict=True)):
        cells = [] if index == "none" else [str(k)] if index == "pandas" else [str(k + 1)]
        cells += [str(c).replace(".", ",") if mark == ";" and not isinstance(c, str) else c for c in row]
        writer.writerow(cells + end)
    got = read_table(("\ufeff" if with_bom else "") + file.getvalue())
    found = got.columns[len(got.columns) - len(kinds) :]
    assert len(got.columns) - len(kinds) == (index != "none")
    assert [column.name for column in found] == [" ".join(name.split()) for name in names]
    for column, numeric, values in zip(found, kinds, columns, strict=True):
        if numeric:
            assert column.numbers.tolist() == [float(value) for value in values]
        else:
            assert column.texts == tuple(" ".join(value.split()) for value in values)
