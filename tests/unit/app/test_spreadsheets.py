"""CSV that no spreadsheet takes for formulas."""

import csv
import io

import pytest

from app.spreadsheets import Number, csv_lines


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =cmd|' /C calc'!A0", "\uff1d1+1", "\uff20A1"]
)
def test_a_text_that_would_be_a_formula_is_only_shown(text: str) -> None:
    assert read(csv_lines([[text]])) == [["'" + text]]


def test_figures_and_plain_texts_stay_as_they_are() -> None:
    row = [-7, Number("-0.800000"), "studio", "a,b", 'say "cut"', "two\nlines", None]

    assert read(csv_lines([row])) == [["-7", "-0.800000", "studio", "a,b", 'say "cut"', "two\nlines", ""]]
