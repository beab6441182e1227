"""The documentation's code runs: its Python compiles, names what exists, and does what the page says."""

import ast
import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pitwire
from tests.client.scripted_server import ScriptedServer
from tests.locations import REPOSITORY
from tests.processes import ExchangeProcess, exchange_process
from tests.processes import pitwire as run_pitwire

DOCS = REPOSITORY / "docs"
PAGES = [REPOSITORY / "README.md", *sorted(DOCS.rglob("*.md"))]
SCRIPT_S_MAX = 30
OPEN_ORDER = {
    "symbol": "BTCUSDT",
    "orderId": 1,
    "orderListId": -1,
    "clientOrderId": "x",
    "price": "1",
    "origQty": "1",
    "executedQty": "0",
    "origQuoteOrderQty": "0",
    "cummulativeQuoteQty": "0",
    "status": "NEW",
    "timeInForce": "GTC",
    "type": "LIMIT",
    "side": "BUY",
    "stopPrice": "0",
    "icebergQty": "0",
    "time": 1,
    "updateTime": 1,
    "isWorking": True,
    "workingTime": 1,
    "selfTradePreventionMode": "NONE",
}
LIVE_URL = "wss://ws-api.binance.com/ws-api/v3"


def blocks(page: Path, language: str = "python") -> list[str]:
    """The page's code blocks of a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


PYTHON = [pytest.param(code, id=f"{page.stem}-{n}") for page in PAGES for n, code in enumerate(blocks(page))]


def parsed(code: str) -> ast.Module:
    tree = compile(code, "<docs>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert isinstance(tree, ast.Module)
    return tree


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExchangeProcess]:
    with exchange_process(tmp_path_factory.mktemp("exchange"), "--ephemeral", "--market", "synthetic") as exchange:
        yield exchange


@pytest.fixture(scope="module")
def keys() -> dict[tuple[str, str], dict[str, str]]:
    return {(key["account"], key["keyType"]): key for key in json.loads(run_pitwire("keys", "--json").stdout)}


def run_script(code: str, folder: Path) -> str:
    script = folder / "script.py"
    script.write_text(code)
    result = subprocess.run(
        [sys.executable, script.name], cwd=folder, capture_output=True, text=True, timeout=SCRIPT_S_MAX, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("code", PYTHON)
def test_python_compiles_and_uses_only_names_that_pitwire_has(code: str) -> None:
    for node in ast.walk(parsed(code)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "pitwire":
                assert hasattr(pitwire, node.attr), f"there is no pitwire.{node.attr}"
            elif node.value.id in {"alice", "bob"} or (node.value.id == "client" and "pitwire" in code):
                kind = (
                    pitwire.BlockingClient if "connect_blocking" in code or "asynchronous" in code else pitwire.Client
                )
                assert hasattr(kind, node.attr), f"a {kind.__name__} has no {node.attr}"


def test_the_snippets_of_the_article_are_one_program_that_runs(
    exchange: ExchangeProcess, keys: dict[tuple[str, str], dict[str, str]], tmp_path: Path
) -> None:
    ours = [code for code in blocks(DOCS / "from-the-article.md") if "await " not in code and "async with" not in code]
    key = keys["alice", "ED25519"]
    program = (
        "\n".join(ours)
        .replace(LIVE_URL, exchange.url)
        .replace('"your_api_key"', repr(key["apiKey"]))
        .replace('"your_private_key"', repr(key["privateKeyPem"]))
    )
    assert "Error" not in run_script(program, tmp_path)


def test_the_tutorials_commands_are_answered(exchange: ExchangeProcess) -> None:
    commands = re.findall(r"^(?:\$ )?(pitwire call .*)$", (DOCS / "tutorial.md").read_text(), re.MULTILINE)
    assert len(commands) > 5
    for command in commands:
        result = run_pitwire(*command.split()[1:], url=exchange.url)
        if "30000.001" in command:
            assert result.stderr.strip() in (DOCS / "tutorial.md").read_text()
            assert result.returncode == 1
        else:
            assert result.returncode == 0, f"{command}: {result.stderr}"
            json.loads(result.stdout)


@pytest.mark.parametrize(("number", "printed"), [(0, "now CANCELED"), (1, "")], ids=["first.py", "bot.py"])
def test_the_tutorials_scripts_run(number: int, printed: str, exchange: ExchangeProcess, tmp_path: Path) -> None:
    script = blocks(DOCS / "tutorial.md")[number]
    assert "asyncio.run(main())" in script
    assert run_pitwire("keys", "--pem", "keys", cwd=tmp_path).returncode == 0
    here = script.replace('"local"', repr(exchange.url)).replace("RUN_S = 60", "RUN_S = 2.5")
    assert printed in run_script(here, tmp_path)


def test_the_streams_script_prints_bids_and_asks(exchange: ExchangeProcess, tmp_path: Path) -> None:
    script = blocks(DOCS / "how-to" / "listen-to-the-market.md")[0]
    here = script.replace("ws://127.0.0.1:9443", exchange.url.removesuffix("/ws-api/v3"))
    answer, *tickers = run_script(here, tmp_path).splitlines()
    assert json.loads(answer) == {"result": None, "id": 1}
    assert [len(line.split()) for line in tickers] == [2, 2, 2]


async def test_the_tutorials_bot_survives_a_lost_connection_and_takes_its_orders_back() -> None:
    server = ScriptedServer(userDataStream_subscribe_signature={"subscriptionId": 0})
    async with server:
        bot = {"__name__": "bot", "Key": pitwire.Key.hmac("api-key", "secret")}
        code = blocks(DOCS / "tutorial.md")[1].replace("asyncio.run(main())", "")
        code = code.replace("asyncio.sleep(1)", "asyncio.sleep(0)").replace("RUN_S = 60", "RUN_S = 0.5")
        code = re.sub(r"pitwire\.Key\.load\(.*\)", "Key", code).replace('"local"', repr(server.url))
        exec(code, bot)
        running = asyncio.ensure_future(bot["main"]())  # type: ignore[operator]
        peer = await server.peer()
        await peer.request("ticker.book")
        peer.drop()
        second = await server.peer()
        await second.request("ticker.book")  # it goes on
        await second.request("openOrders.status")
        second.drop()
        third = await server.peer()
        status = await third.request("openOrders.status")
        third.reply(status, [OPEN_ORDER])
        third.reply(await third.request("openOrders.cancelAll"), [])
        await running


def test_the_tests_on_the_page_on_testing_a_bot_pass(tmp_path: Path) -> None:
    code = "\n\n".join(blocks(DOCS / "how-to" / "test-a-bot.md"))
    (tmp_path / "test_bot.py").write_text(code)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto", "--rootdir=."]
    result = subprocess.run(
        [*command, "test_bot.py"], cwd=tmp_path, capture_output=True, text=True, timeout=SCRIPT_S_MAX, check=False
    )
    assert f"{code.count('async def test_')} passed" in result.stdout, result.stdout + result.stderr


def test_the_configuration_in_the_docs_is_one_that_the_exchange_takes(tmp_path: Path) -> None:
    config = tmp_path / "exchange.toml"
    config.write_text(blocks(DOCS / "how-to" / "run-an-exchange.md", "toml")[0].replace("9000", "0"))
    with exchange_process(tmp_path, "--config", str(config)) as exchange:
        info = json.loads(run_pitwire("call", "exchangeInfo", url=exchange.url).stdout)
        assert [symbol["symbol"] for symbol in info["symbols"]] == ["BTCEUR"]
