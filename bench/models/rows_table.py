#!/usr/bin/env python3
"""Prints rows of models_bench.py as tables in Markdown: one for each mode and number of
threads, a line for each model and attention, a column for each preset and length.

    bench/models/rows_table.py build/models_bench.jsonl >table.md
"""

import json
import pathlib
import sys


def read_rows(paths):
    lines = [line for path in paths for line in pathlib.Path(path).read_text().splitlines()]
    return [json.loads(line) for line in lines if line.strip()]


def milliseconds(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def cell(row):
    if row is None:
        return "–"
    mark = "**" if row["low"] > 1.0 else ""
    return f"{milliseconds(row['ours_ms'])}: {mark}{row['ratio']:.2f}{mark} " \
           f"({row['low']:.2f}–{row['high']:.2f})"


def table(rows):
    columns = sorted({(row["length"], row["preset"]) for row in rows})
    lines = sorted({(row["model"], row["attention"]) for row in rows})
    by_place = {(row["model"], row["attention"], row["length"], row["preset"]): row
                for row in rows}
    yield "| model | attention | " + " | ".join(f"{preset}, {length:,}"
                                                for length, preset in columns) + " |"
    yield "|---|---|" + "---|" * len(columns)
    for model, attention in lines:
        cells = [cell(by_place.get((model, attention, *column))) for column in columns]
        yield f"| {model} | {attention} | " + " | ".join(cells) + " |"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    rows = read_rows(sys.argv[1:])
    for mode, threads in sorted({(row["mode"], row["threads"]) for row in rows}):
        print(f"## {mode.capitalize()}, {threads} thread{'s' if threads > 1 else ''}\n")
        print("\n".join(table([row for row in rows
                               if (row["mode"], row["threads"]) == (mode, threads)])) + "\n")


if __name__ == "__main__":
    main()
