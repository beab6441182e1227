"""Writes the client's methods, one for each row of the registry, into src/pitwire/client/methods.py.

    python tools/generate_methods.py            write the module
    python tools/generate_methods.py --check    exit 1 if the module is not what would be written

Beside it, blocking_methods.pyi says what the same methods return to who does not await them.

Names and parameters are Binance's in snake_case, so that its documentation is the methods' documentation too.
"""

import inspect
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

import msgspec

from pitwire.protocol.registry import METHODS, result_type
from pitwire.protocol.requests.base import Method, Request, SignedRequest

TARGET = Path(__file__).resolve().parent.parent / "src" / "pitwire" / "client" / "methods.py"

BLOCKING_STUB = TARGET.with_name("blocking_methods.pyi")

LINE_LENGTH = 120
FILLED_IN_BY_THE_CLIENT = {"api_key", "signature", "timestamp"}

HEADER = '''\
"""One typed method for each of the API's methods. Written by tools/generate_methods.py from the registry."""

# ruff: noqa: A002  (parameters keep Binance's words: `type`)

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Sequence
from decimal import Decimal
from typing import TypeVar, overload

from pitwire.client import coerce
from pitwire.market.enums import {enums}
from pitwire.protocol.codec import decimal_parameter
from pitwire.protocol.requests import {modules}
from pitwire.protocol.requests.base import Request
from pitwire.protocol.results import {results}

R = TypeVar("R")


class Methods(ABC):
    """The API's methods, their names and parameters in snake_case. Each builds a request and hands it to `call`.

    Prices, quantities and amounts are taken as `Decimal`, `str` or `int`: a float raises `TypeError`. Enums are taken
    as members or as their strings: any other raises `ValueError`. Both at once, before anything is sent.

    The request is sent when the method is called, before anybody awaits it. What a method returns is a future: await
    it, or hand it to `asyncio.gather` or `asyncio.ensure_future`. (`asyncio.create_task` takes coroutines only, so it
    raises `TypeError` when the request is on its way already.) It raises `NotSent`, `OutcomeUnknown`, `Rejected` or
    `ProtocolViolation` (`pitwire.protocol.errors`). Cancelling the await takes nothing back that has been sent.

    `return_rate_limits` decides for this request whether the response brings the rate limits.
    `recv_window` is for how many milliseconds after its timestamp the exchange may accept the request: 5000 by default,
    at most 60000, three decimal places.
    """

    @abstractmethod
    def call(self, request: Request[R], /) -> Awaitable[R]:
        """Send `request`; what it is answered with."""
'''


STUB_HEADER = """\
# Written by tools/generate_methods.py from the registry: the methods of methods.py, with their results for answers.
# ruff: noqa: A002  (parameters keep Binance's words: `type`)

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar, overload

from pitwire.market.enums import {enums}
from pitwire.protocol.requests.base import Request
from pitwire.protocol.results import {results}

R = TypeVar("R")

class BlockingMethods:
    def call(self, request: Request[R], /) -> R: ...
"""


class Parameter(NamedTuple):
    """A parameter of a method: how it is declared, and what of it goes into the request."""

    name: str
    annotation: str
    required: bool
    expression: str

    @property
    def declaration(self) -> str:
        """As it stands in the method's signature."""
        return f"{self.name}: {self.annotation}" + ("" if self.required else " | None = None")

    @property
    def argument(self) -> str:
        """As it stands in the request's construction."""
        if self.required or self.expression == self.name:
            return f"{self.name}={self.expression}"
        return f"{self.name}=None if {self.name} is None else {self.expression}"


def python_name(wire_name: str) -> str:
    """`openOrders.cancelAll` -> `open_orders_cancel_all`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", wire_name).replace(".", "_").lower()


def parameters(request: type[Request[Any]]) -> list[Parameter]:
    """The request's parameters; those of every request come last."""
    own: list[Parameter] = []
    common: list[Parameter] = []
    shared = {field.name for field in msgspec.structs.fields(SignedRequest)}
    for field in msgspec.structs.fields(request):
        if field.name not in FILLED_IN_BY_THE_CLIENT:
            (common if field.name in shared else own).append(parameter(field.name, field.type, field.required))
    return own + common


def parameter(name: str, declared: Any, required: bool) -> Parameter:
    """How a field of type `declared` is asked for, and what makes it from what was passed."""
    options = get_args(declared) if get_origin(declared) in (Union, UnionType) else (declared,)
    kinds = [kind for kind in options if kind is not NoneType]
    quoted = f'"{name}"'
    if len(kinds) == 2 and str in kinds:  # permissions: a list, or a single name
        return Parameter(name, "Sequence[str] | str", required, f"coerce.one_or_more({name})")
    [kind] = kinds
    if get_origin(kind) is tuple:
        return Parameter(name, "Sequence[str]", required, f"coerce.texts({name}, {quoted})")
    if issubclass(kind, StrEnum):
        return Parameter(name, f"{kind.__name__} | str", required, f"coerce.member({kind.__name__}, {name}, {quoted})")
    if kind is Decimal:
        return Parameter(name, "Decimal | str | int", required, f"decimal_parameter({name}, {quoted})")
    if kind is int:
        return Parameter(name, "int", required, f"coerce.integer({name}, {quoted})")
    if kind in (str, bool):
        return Parameter(name, kind.__name__, required, name)
    raise TypeError(f"{name}: no rule for a parameter of type {kind}")


def result_name(declared: Any) -> str:
    """The annotation of what a method is answered with."""
    if get_origin(declared) is UnionType:
        return " | ".join(result_name(option) for option in get_args(declared))
    if get_origin(declared) is tuple:
        return f"tuple[{result_name(get_args(declared)[0])}, ...]"
    return str(declared.__name__)


def docstring(request: type[Request[Any]]) -> str:
    """The request's own words, then its row and where it is documented."""
    heading, _, rest = inspect.cleandoc(request.__doc__ or "").partition("\n")
    section = heading.removesuffix(".")
    paragraphs = [heading, " ".join(rest.split()), f"{row(request.METHOD)} Source: web-socket-api.md, {section}."]
    return "\n\n".join(wrapped(paragraph) for paragraph in paragraphs if paragraph).strip()


def wrapped(paragraph: str) -> str:
    """`paragraph` in lines of a method's docstring."""
    return textwrap.fill(paragraph, LINE_LENGTH, initial_indent=" " * 8, subsequent_indent=" " * 8)


def row(method: Method) -> str:
    """Security, weight and unfilled order count as a sentence each."""
    weight = f"{method.weight}." if isinstance(method.weight, int) else documented(method.weight)
    unfilled = f" Unfilled orders: {method.unfilled_orders}." if method.unfilled_orders else ""
    return f"`{method.name}`. Security: {method.security}. Weight: {weight}{unfilled}"


def documented(weight: Callable[[Any], int]) -> str:
    """The words of a weight that depends on the parameters."""
    if not weight.__doc__:
        raise ValueError(f"{weight} has no docstring for the methods' documentation")
    return weight.__doc__


Signature = Callable[[type[Request[Any]], Iterable[str], str], list[str]]


def signature(request: type[Request[Any]], declarations: Iterable[str], result: str) -> list[str]:
    """The lines from `def` to the colon."""
    return [
        f"    def {python_name(request.METHOD.name)}(",
        "        self,",
        "        *,",
        *(f"        {each}," for each in declarations),
        f"    ) -> Awaitable[{result}]:",
    ]


def blocking_signature(request: type[Request[Any]], declarations: Iterable[str], result: str) -> list[str]:
    """The same for who waits for the result."""
    lines = signature(request, declarations, result)
    return [*lines[:-1], f"    ) -> {result}:"]


def overloads(request: type[Request[Any]], taken: list[Parameter], signature: Signature = signature) -> list[str]:
    """Where `symbol` alone answers with one object and all else with several: a signature for each."""
    declared = result_type(request)
    if get_origin(declared) is not UnionType:
        return []
    [one] = [option for option in get_args(declared) if get_origin(option) is not tuple]
    [several] = [option for option in get_args(declared) if get_origin(option) is tuple]
    others = {each.name: each.declaration for each in taken if each.name != "symbol"}
    of_one = {name: declaration for name, declaration in others.items() if name != "symbols"}
    return [
        "    @overload",
        *signature(request, ["symbol: str", *of_one.values()], result_name(one)),
        "        ...\n",
        "    @overload",
        *signature(request, ["symbol: None = None", *others.values()], result_name(several)),
        "        ...\n",
    ]


def method_source(request: type[Request[Any]]) -> str:
    """The method that builds and calls one request."""
    taken = parameters(request)
    module = request.__module__.rpartition(".")[2]
    lines = [
        *overloads(request, taken),
        *signature(request, (each.declaration for each in taken), result_name(result_type(request))),
        f'        """{docstring(request)}',
        '        """',
        f"        return self.call({module}.{request.__name__}(",
        *(f"            {each.argument}," for each in taken),
        "        ))",
    ]
    return "\n".join(lines) + "\n"


def stub_source(request: type[Request[Any]]) -> str:
    """The types of one blocking method."""
    taken = parameters(request)
    several = overloads(request, taken, blocking_signature)
    one = blocking_signature(request, (each.declaration for each in taken), result_name(result_type(request)))
    return "\n".join(several or [*one, "        ...\n"]) + "\n"


def blocking_stub() -> str:
    """The stub of the blocking methods, formatted."""
    return written(STUB_HEADER, "\n".join(stub_source(request) for request in METHODS), BLOCKING_STUB)


def source() -> str:
    """The whole module, formatted."""
    return written(HEADER, "\n".join(method_source(request) for request in METHODS), TARGET)


def written(head: str, methods: str, target: Path) -> str:
    """`head`, with the names that `methods` need, and `methods`, as `target` would have them."""
    names = set(re.findall(r"\b[A-Z]\w+\b", re.sub(r'""".*?"""', "", methods, flags=re.DOTALL)))
    results = {name for request in METHODS for name in re.findall(r"\w+", result_name(result_type(request)))} - {
        "tuple"
    }
    enums = {
        kind.__name__
        for request in METHODS
        for field in msgspec.structs.fields(request)
        for kind in enums_of(field.type)
    }
    modules = {request.__module__.rpartition(".")[2] for request in METHODS}
    header = head.format(
        enums=", ".join(sorted(enums & names)),
        modules=", ".join(sorted(modules)),
        results=", ".join(sorted(results)),
    )
    return formatted(header + "\n" + methods, target)


def enums_of(declared: Any) -> list[type[StrEnum]]:
    """The enums in a field's type."""
    return [kind for kind in (*get_args(declared), declared) if isinstance(kind, type) and issubclass(kind, StrEnum)]


def formatted(text: str, target: Path) -> str:
    """`text` as `ruff format` leaves it, its imports sorted."""
    for arguments in (["check", "--select=I", "--fix"], ["format"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--quiet", f"--stdin-filename={target}", "-"]
        text = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    return text


def main() -> int:
    """Write the modules, or say whether they are current."""
    for target, text in ((TARGET, source()), (BLOCKING_STUB, blocking_stub())):
        if "--check" not in sys.argv[1:]:
            target.write_text(text, encoding="utf-8")
        elif target.read_text(encoding="utf-8") != text:
            print(f"{target.name} is not current: run python tools/generate_methods.py")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
