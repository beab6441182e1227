"""What no linter knows: this project's own rules about its tree and its text. Each failure names file and line."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.locations import REPOSITORY

SOURCE = REPOSITORY / "src" / "pitwire"
TESTS = REPOSITORY / "tests"

MODULE_LINES_MAX = 500
TEST_LINES_MAX = 800
"""A test module is a list of cases, so it may be longer than what it tests."""
LONGER_MODULES: dict[str, str] = {
    "src/pitwire/client/methods.py": "generated from the registry: one short method per request",
    "src/pitwire/exchange/messages.py": "the one vocabulary of the engine: a few lines for each command and each event",
}

TEST_FOLDERS = {
    "clients": "clients that others wrote, against our exchange",
    "conformance": "every example of the specification",
    "exchange/scenarios": "worked examples of Binance's FAQs",
    "sim": "both ends in one seeded simulation",
}
"""Folders of tests that mirror no package; every other test module is named after the module that it tests."""
TEST_MODULES = {
    "test_tidy.py": "this one",
    "test_public_names.py": "pins what `import pitwire` offers",
    "test_docs.py": "the code in the documentation",
    "client/safety/test_with_exchange.py": "orders that are lost on their way to a real exchange, or whose answer is",
    "exchange/engine/test_against_oracle.py": "random histories through the engine and through a naive exchange",
    "exchange/engine/test_properties.py": "what holds over random histories of every order type",
    "exchange/log/test_disk_faults.py": "what the log does when the disk fails, with faults injected by strace",
    "exchange/projections/test_conformance.py": "what leaves the exchange, against the specification's examples",
    "protocol/test_session_pair.py": "both ends' sessions, wired to each other in memory",
    "exchange/test_recovery.py": "log, engine and projections together, over a crash",
    "exchange/test_recorded_statistics.py": "klines and tickers of recorded trades, beside polars",
    "exchange/test_crowd.py": "many connections to the streams at once, half of which do not read",
    "exchange/test_recorded_market.py": "the proof that the mirrored book equals the recorded one",
    "exchange/test_streamed_market.py": "the proof that a book kept from the depth stream equals the engine's",
}

NAMES_OF_NOTHING = {"helper", "helpers", "manager", "managers", "util", "utils", "common", "misc"}
AMBIGUOUS_UNITS = {"timeout", "delay", "latency", "elapsed", "duration", "interval", "deadline", "age"}
"""Words for a time: a name that ends in one says the unit as well (`timeout_s`, `latency_us`)."""
TYPES_WITH_A_UNIT = {"int", "float", "Decimal"}

FLOATS_ALLOWED = {
    "src/pitwire/exchange/participants/calibration.py": "statistics that a random market is drawn from, not money",
}

TEXT_SUFFIXES = {".py", ".md", ".toml", ".txt", ".in", ".yaml", ".yml", ".json", ".cfg", ".ini", ".sh", ".typed", ""}


def tracked() -> list[Path]:
    """The files that git has, or would take; in a source archive without git, every file."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = [REPOSITORY / name for name in listed.stdout.decode().split("\0") if name]
    else:
        paths = [path for path in REPOSITORY.rglob("*") if ".venv" not in path.parts]
    return sorted(path for path in paths if path.is_file())


FILES = tracked()
TEXTS = [path for path in FILES if path.suffix in TEXT_SUFFIXES and path.name != "LICENSE"]
PYTHON = [path for path in FILES if path.suffix == ".py"]
MODULES = [path for path in PYTHON if path.is_relative_to(SOURCE)]
TEST_FILES = [path for path in PYTHON if path.is_relative_to(TESTS)]


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def lines_matching(paths: list[Path], pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name_of(path)}:{number}: {line.strip()[:160]}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]


def lines_max(path: Path) -> int:
    return TEST_LINES_MAX if path.is_relative_to(TESTS) else MODULE_LINES_MAX


def parsed(paths: list[Path]) -> Iterator[tuple[Path, ast.Module]]:
    for path in paths:
        yield path, ast.parse(path.read_text(), path.name)


def nothing(found: list[str], rule: str) -> None:
    """Fail with the rule and every place that breaks it."""
    if found:
        pytest.fail(rule + "\n  " + "\n  ".join(found), pytrace=False)


def test_no_file_names_a_package_registry() -> None:
    hosts = ["pypi" + ".org", "python" + "hosted", "registry" + ".npmjs", "conda" + ".anaconda"]
    options = ["--" + "index-url", "--" + "extra-index-url", "--" + "find-links"]
    pattern = re.compile("|".join(re.escape(word) for word in hosts + options))
    nothing(lines_matching(TEXTS, pattern), "packages come from whichever index the machine is set up for; name none")


def test_no_file_names_a_path_of_one_machine() -> None:
    pattern = re.compile(r"(?<![\w.])/(home|Users|root|work|tmp|opt|mnt)/\w|\b[A-Z]:\\")
    nothing(lines_matching(TEXTS, pattern), "a path of one machine; use a path relative to the repository")


def test_nothing_is_left_to_do_in_a_comment() -> None:
    pattern = re.compile(r"\b(TO" + "DO|FIX" + "ME|XX" + r"X|HA" + r"CK)\b")
    nothing(lines_matching(TEXTS, pattern), "do it, or write an issue")


def test_no_file_has_trailing_blanks_or_lacks_its_last_newline() -> None:
    found = lines_matching(TEXTS, re.compile(r"[ \t]+$"))
    found += [name_of(path) for path in TEXTS if (text := path.read_text()) and not text.endswith("\n")]
    nothing(found, "trailing blanks, or no newline at the end")


def test_modules_are_short_enough_to_be_one_concept() -> None:
    found = []
    for path in PYTHON:
        lines = len(path.read_text().splitlines())
        if lines > lines_max(path) and name_of(path) not in LONGER_MODULES:
            found.append(f"{name_of(path)}: {lines} lines, over {lines_max(path)}")
    nothing(found, "split it by concept, or give the reason in LONGER_MODULES")


def test_every_exception_is_still_needed() -> None:
    lengths = {name_of(path): (len(path.read_text().splitlines()), lines_max(path)) for path in PYTHON}
    found = [name for name in LONGER_MODULES if name not in lengths or lengths[name][0] <= lengths[name][1]]
    nothing(found, "short enough by now: take it out of LONGER_MODULES")


def test_no_module_or_class_is_a_manager_a_helper_or_a_util() -> None:
    found = []
    for path, tree in parsed(MODULES):
        found += [name_of(path)] * (path.stem in NAMES_OF_NOTHING or path.parent.name in NAMES_OF_NOTHING)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and re.search(r"(Manager|Helper|Util)s?$", node.name):
                found.append(f"{name_of(path)}:{node.lineno}: class {node.name}")
    nothing(found, "name it after the one state that it owns")


def test_every_test_module_is_named_after_the_module_that_it_tests() -> None:
    found = []
    for path in TEST_FILES:
        inside = path.relative_to(TESTS)
        if not path.name.startswith("test_") or inside.as_posix() in TEST_MODULES:
            continue
        if any(folder.as_posix() in TEST_FOLDERS for folder in inside.parents):
            continue
        name = path.stem.removeprefix("test_")
        source = SOURCE / inside.parent
        if not any((source / candidate).exists() for candidate in (f"{name}.py", f"_{name}.py", f"{name}/__init__.py")):
            found.append(f"{name_of(path)} has no src/pitwire/{(inside.parent / name).as_posix()}.py")
    nothing(found, "tests mirror src; a folder or module of another kind stands in TEST_FOLDERS or TEST_MODULES")


def called(node: ast.Call) -> str:
    """The dotted name of what is called: `asyncio.sleep`; of anything else than names, the last attribute."""
    parts: list[str] = []
    target: ast.expr = node.func
    while isinstance(target, ast.Attribute):
        parts.append(target.attr)
        target = target.value
    if isinstance(target, ast.Name):
        parts.append(target.id)
    return ".".join(reversed(parts))


def calls(paths: list[Path]) -> Iterator[tuple[str, ast.Call, str]]:
    for path, tree in parsed(paths):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield f"{name_of(path)}:{node.lineno}", node, called(node)


def test_no_test_sleeps() -> None:
    found = [
        f"{place}: {name}"
        for place, call, name in calls(TEST_FILES)
        if name in {"time.sleep", "asyncio.sleep", "sleep"}
        # sleep(0) is no wait: it lets the other tasks of the loop run once.
        and not (call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0)
    ]
    nothing(found, "wait for an event, or hand in a fake clock")


def test_no_task_is_started_without_a_group_that_awaits_it() -> None:
    allowed = re.compile(r"(group|tasks?|tg)\.create_task$")
    found = []
    for path, tree in parsed(MODULES):
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                name = called(node.value)
                if name.split(".")[-1] in {"create_task", "ensure_future"} and not allowed.search(name.lower()):
                    found.append(f"{name_of(path)}:{node.lineno}: {name}")
    nothing(
        found, "a task that nobody keeps may vanish, and its exception with it: use a TaskGroup, or keep and await it"
    )


def test_a_name_that_measures_time_says_its_unit() -> None:
    found = []
    for path, tree in parsed(MODULES):
        for node in ast.walk(tree):
            if isinstance(node, ast.arg):
                name, annotation = node.arg, node.annotation
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                name, annotation = node.target.id, node.annotation
            else:
                continue
            types = set(re.findall(r"\w+", ast.unparse(annotation))) if annotation else set()
            if name.lower().split("_")[-1] in AMBIGUOUS_UNITS and types & TYPES_WITH_A_UNIT:
                found.append(f"{name_of(path)}:{node.lineno}: {name}")
    nothing(found, "say the unit at the end of the name: timeout_s, latency_us")


def test_money_is_never_a_float() -> None:
    money = re.compile(r"(price|quantity|amount|balance|notional|commission|quote|free|locked)s?$")
    found = []
    for path, tree in parsed([path for path in MODULES if name_of(path) not in FLOATS_ALLOWED]):
        for node in ast.walk(tree):
            annotated = isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None
            if not annotated:
                continue
            name = node.arg if isinstance(node, ast.arg) else ast.unparse(node.target)
            if money.search(name) and re.search(r"\bfloat\b", ast.unparse(node.annotation)):
                found.append(f"{name_of(path)}:{node.lineno}: {name}")
    nothing(found, "Decimal outside, scaled int inside")


def test_every_package_says_what_it_is() -> None:
    found = [
        name_of(path)
        for path, tree in parsed([path for path in MODULES if path.name == "__init__.py"])
        if ast.get_docstring(tree) is None
    ]
    nothing(found, "a package's __init__.py opens with a sentence about the package")


def test_every_relative_link_in_the_documents_leads_somewhere() -> None:
    found = [
        f"{name_of(path)}:{number}: {target}"
        for path in FILES
        if path.suffix == ".md"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", line)
        if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists()
    ]
    nothing(found, "a link that leads nowhere")


def test_every_path_of_the_repository_that_the_documents_name_is_there() -> None:
    found = [
        f"{name_of(path)}:{number}: {named}"
        for path in FILES
        if path.suffix == ".md"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for named in re.findall(r"`((?:src|tests|docs|tools|bench)/[\w./-]+)`", line)
        if not (REPOSITORY / named).exists()
    ]
    nothing(found, "a path that is not there")
