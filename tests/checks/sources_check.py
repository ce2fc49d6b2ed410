#!/usr/bin/env python3
"""Checks what no compiler does: who includes whom, sizes, mirrored tests, strays.

usage: sources_check.py REPOSITORY lines|tests

`lines` looks into files, `tests` for a test of each source. Prints each fault as
"file:line: what", and ends with 1 where there is any. The table below is that
of docs/architecture.md.
"""

import pathlib
import re
import sys

PROTO = ["cusp/v1/"]
RUNNER_PROTO = ["cusp/runner/v1/"]

# Room -> what its files may include of ours. The longest matching name counts,
# and a room may always include itself.
MAY_INCLUDE = {
    "common": [],
    "analysis": ["common/random.h", "common/check.h"],
    "findings": ["analysis/", "catalog/", *PROTO],
    "catalog": ["common/", *PROTO],
    "server": ["server/", "common/", "catalog/", *PROTO],
    "server/queue": ["common/"],
    "server/store": ["server/queue/", "common/"],
    "server/auth": ["common/"],
    "server/api": ["server/", "common/", "catalog/", *PROTO],
    "worker/measure": ["analysis/", "findings/", "catalog/", "common/", *PROTO, *RUNNER_PROTO],
    "worker/daemon": ["worker/measure/", "analysis/", "catalog/", "common/", *PROTO, *RUNNER_PROTO],
    "worker/models": ["catalog/", "common/"],
    "worker/runner": ["worker/models/", "catalog/", "common/", *RUNNER_PROTO],
    "client/lib": ["analysis/", "findings/", "catalog/", "common/", *PROTO],
    "client/cli": ["client/lib/", "analysis/", "catalog/", "common/", *PROTO],
}

# Library -> (its headers, the only places that may include them).
ONLY_IN = {
    "LibTorch": (r"(torch|ATen|c10)/", ["worker/models", "worker/runner"]),
    "SQLite": (r"sqlite3\.h", ["server/store"]),
    "gRPC": (
        r"grpc|.*\.grpc\.pb\.h",
        ["common/grpc_setup", "common/grpc_log", "common/grpc_status", "common/channel",
         "server/api", "server/auth", "server/main.cc", "server/service", "worker/daemon",
         "client"],
    ),
}

# Policy gets its time from Clock and its randomness from Random.
NO_CLOCK = ["analysis", "findings", "catalog", "server/queue", "worker/measure"]
CLOCK_READ = re.compile(r"(steady|system|high_resolution)_clock::now|\btime\(nullptr\)|random_device")

MAX_LINES = 500
MAX_TEST_LINES = 800
STRAY = re.compile(
    r"(?<![\w.$}~-])/(?:root|work|home/\w+)/|\bTODO(?!\(#\d+\))|^(?:<{7}|>{7}) ")
INCLUDE = re.compile(r'\s*#\s*include\s+[<"]([^>"]+)[>"]')
TEXT = {".h", ".cc", ".proto", ".py", ".cmake", ".txt", ".md", ".yaml", ".sql", ".json", ".in"}
FOLDERS = ["common", "analysis", "findings", "catalog", "server", "worker", "client", "proto",
           "migrations", "cmake", "tests", "bench", "docs", "examples", "deploy"]


def lies_in(path, place):
    return path == place or path.startswith(place + "/") or path.startswith(place + ".") or (
        path.startswith(place + "_"))


def room_of(path):
    rooms = [room for room in MAY_INCLUDE if path.startswith(room + "/")]
    return max(rooms, key=len, default=None)


def check_include(path, number, header, tops):
    room = room_of(path)
    if room is None:
        return
    ours = header.split("/")[0] in tops or header.startswith("cusp/")
    allowed = [room + "/", *MAY_INCLUDE[room]]
    if ours and not any(header.startswith(prefix) for prefix in allowed):
        yield f"{path}:{number}: {room} may not include {header} (docs/architecture.md has the table)"
    for library, (pattern, places) in ONLY_IN.items():
        if re.match(pattern, header) and not any(lies_in(path, place) for place in places):
            yield f"{path}:{number}: {library} stays in {', '.join(places)}"


def check_file(root, file, tops):
    path = file.relative_to(root).as_posix()
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        yield f"{path}:1: is not UTF-8"
        return
    source = file.suffix in {".h", ".cc"}
    limit = MAX_TEST_LINES if path.startswith("tests/") else MAX_LINES
    if source and len(lines) > limit:
        yield f"{path}:{limit}: has {len(lines)} lines; split what is over {limit}"
    for number, line in enumerate(lines, 1):
        if STRAY.search(line):
            yield f"{path}:{number}: a path of one machine, a conflict mark or a TODO without its issue"
        if not source:
            continue
        if match := INCLUDE.match(line):
            yield from check_include(path, number, match[1], tops)
        if CLOCK_READ.search(line) and any(lies_in(path, place) for place in NO_CLOCK):
            yield f"{path}:{number}: takes time or randomness itself; inject Clock or Random"


def check_mirrored(root, files):
    tests = {file.name for file in files if file.name.endswith("_test.cc")}
    for file in files:
        path = file.relative_to(root).as_posix()
        if file.suffix != ".cc" or file.name == "main.cc" or room_of(path) is None:
            continue
        if f"{file.stem}_test.cc" not in tests:
            yield f"{path}:1: has no {file.stem}_test.cc below tests/"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    files = [file for folder in FOLDERS for file in sorted((root / folder).rglob("*"))
             if file.is_file() and file.suffix in TEXT and "tests/data/" not in file.as_posix()]
    tops = {room.split("/")[0] for room in MAY_INCLUDE} | {"tests", "bench"}
    if sys.argv[2] == "tests":
        faults = list(check_mirrored(root, files))
    else:
        faults = [fault for file in files if file.name != pathlib.Path(__file__).name
                  for fault in check_file(root, file, tops)]
    print("\n".join(faults) if faults else f"{len(files)} files are in order")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
