import json
from typing import Any

import pytest

from pitwire.protocol.stream_session import STREAMS_MAX, StreamRefusal, StreamSession

VARIANTS = "expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`"


def ask(session: StreamSession, method: str, params: Any = None, answer_id: Any = 1) -> Any:
    request = {"method": method, "id": answer_id} | ({} if params is None else {"params": params})
    return json.loads(session.receive(json.dumps(request).encode()).text)


def test_the_documented_commands_are_answered_as_documented() -> None:
    session = StreamSession([], combined=False)
    assert ask(session, "SUBSCRIBE", ["btcusdt@aggTrade", "btcusdt@depth"], 1) == {"result": None, "id": 1}
    assert ask(session, "UNSUBSCRIBE", ["btcusdt@depth"], 312) == {"result": None, "id": 312}
    assert ask(session, "LIST_SUBSCRIPTIONS", answer_id=3) == {"result": ["btcusdt@aggTrade"], "id": 3}
    assert ask(session, "GET_PROPERTY", ["combined"], 2) == {"result": False, "id": 2}
    assert ask(session, "SET_PROPERTY", ["combined", True], 5) == {"result": None, "id": 5}
    assert ask(session, "GET_PROPERTY", ["combined"], 2) == {"result": True, "id": 2}
    assert session.combined


def test_what_a_command_changes_is_said_once() -> None:
    session = StreamSession(["a@trade"], combined=True)
    answered = session.receive(b'{"method":"SUBSCRIBE","params":["b@trade","a@trade","b@trade"],"id":1}')
    assert (answered.added, answered.removed) == (("b@trade",), ())
    answered = session.receive(b'{"method":"UNSUBSCRIBE","params":["a@trade","c@trade"],"id":1}')
    assert (answered.added, answered.removed) == ((), ("a@trade",))
    assert session.names == ("b@trade",)


@pytest.mark.parametrize("answer_id", [0, -(2**63), 2**63 - 1, "abc", "x" * 36, "0b1c-2d", None])
def test_an_id_may_be_an_integer_a_short_word_or_null(answer_id: Any) -> None:
    assert ask(StreamSession([], combined=False), "LIST_SUBSCRIPTIONS", None, answer_id) == {
        "result": [],
        "id": answer_id,
    }


@pytest.mark.parametrize("answer_id", [2**63, 1.5, True, "x" * 37, "", "ä", [1], {"a": 1}])
def test_another_id_is_refused_and_not_repeated(answer_id: Any) -> None:
    assert ask(StreamSession([], combined=False), "LIST_SUBSCRIPTIONS", None, answer_id) == {
        "error": {"code": 2, "msg": "Invalid request: request ID must be an unsigned integer"}
    }


# web-socket-streams.md, Error Messages.
REFUSED = [
    ('{"method":"SET_PROPERTY","params":["foo",true],"id":1}', 0, "Unknown property", 1),
    ('{"method":"GET_PROPERTY","params":["foo"],"id":1}', 0, "Unknown property", 1),
    ('{"method":"SET_PROPERTY","params":["combined","true"],"id":1}', 1, "Invalid value type: expected Boolean", 1),
    ('{"method":"SET_PROPERTY","params":["combined"],"id":1}', 1, "Invalid value type: expected Boolean", 1),
    ('{"method":"SET_PROPERTY","id":1}', 2, "Invalid request: property name must be a string", 1),
    ('{"method":"GET_PROPERTY","params":[7],"id":1}', 2, "Invalid request: property name must be a string", 1),
    ('{"method":"GET_PROPERTY","params":[],"id":"a"}', 2, "Invalid request: property name must be a string", "a"),
    ('{"method":"LIST_SUBSCRIPTIONS"}', 2, "Invalid request: request ID must be an unsigned integer", None),
    (
        '{"method":"SUBSCRIB","id":1}',
        2,
        f"Invalid request: unknown variant `SUBSCRIB`, {VARIANTS} at line 1 column 20",
        1,
    ),
    ('{"method":5,"id":1}', 2, f"Invalid request: unknown variant `5`, {VARIANTS} at line 1 column 11", 1),
    ('{"method":"LIST_SUBSCRIPTIONS","params":["a"],"id":1}', 2, "Invalid request: too many parameters", 1),
    ('{"method":"SET_PROPERTY","params":["combined",true,1],"id":1}', 2, "Invalid request: too many parameters", 1),
    ('{"method":"GET_PROPERTY","params":["combined",true],"id":1}', 2, "Invalid request: too many parameters", 1),
    ('{"params":["a@trade"],"id":1}', 2, "Invalid request: missing field `method` at line 1 column 29", 1),
    ('{\n  "id": 1\n}\n', 2, "Invalid request: missing field `method` at line 3 column 1", 1),
    ("[1]", 2, "Invalid request: missing field `method` at line 1 column 3", None),
    ("foo", 3, "Invalid JSON: expected value at line 1 column 1", None),
    ('{"a":\n x}', 3, "Invalid JSON: expected value at line 2 column 2", None),
    ("", 3, "Invalid JSON: expected value at line 1 column 1", None),
    ("[" * 5000, 3, "Invalid JSON: expected value at line 1 column 1", None),
    ('{"method":"SUBSCRIBE","id":1}', 2, "Invalid request: params must be an array of stream names", 1),
    ('{"method":"SUBSCRIBE","params":[1],"id":1}', 2, "Invalid request: invalid stream", 1),
    ('{"method":"SUBSCRIBE","params":["pqia91ma19a5s61cv6a8"],"id":1}', 2, "Invalid request: invalid stream", 1),
]


@pytest.mark.parametrize(("text", "code", "message", "answer_id"), REFUSED)
def test_what_is_wrong_is_said_in_the_documented_words(text: str, code: int, message: str, answer_id: Any) -> None:
    session = StreamSession(["a@trade"], combined=False)
    answered = session.receive(text.encode())
    beside = {} if answer_id is None else {"id": answer_id}
    assert json.loads(answered.text) == {"error": {"code": code, "msg": message}, **beside}
    assert (session.names, session.combined, answered.added, answered.removed) == (("a@trade",), False, (), ())


def test_a_connection_listens_to_1024_streams_and_no_more() -> None:
    session = StreamSession([f"s{number}@trade" for number in range(STREAMS_MAX - 1)], combined=False)
    refused = ask(session, "SUBSCRIBE", ["a@trade", "b@trade"])
    assert refused == {"error": {"code": 4, "msg": "Too many subscriptions"}, "id": 1}
    assert len(session.names) == STREAMS_MAX - 1
    assert ask(session, "SUBSCRIBE", ["a@trade", "s0@trade"])["result"] is None
    assert len(session.names) == STREAMS_MAX
    with pytest.raises(StreamRefusal):
        StreamSession([f"s{number}@trade" for number in range(STREAMS_MAX + 1)], combined=True)
