"""What Prometheus and a load balancer see, of a whole exchange."""

import websockets
from prometheus_client.parser import text_string_to_metric_families

import pitwire
from pitwire.exchange.development_keys import DEVELOPMENT_KEYS
from tests.exchange.control.conftest import open_operator

ORDER = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "time_in_force": "GTC", "quantity": "1", "price": "100"}


async def scraped(operator):
    del operator.client.headers["Authorization"]
    answer = await operator.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_requests_orders_connections_and_the_log_are_counted():
    async with open_operator() as operator:
        exchange = operator.exchange
        market = exchange.ws_url.replace("/ws-api/v3", "/ws/btcusdt@trade")
        async with (
            pitwire.connect(exchange.ws_url, key=DEVELOPMENT_KEYS[0].signing_key()) as client,
            client.user_data(),
            websockets.connect(market),
        ):
            await client.order_place(**ORDER)
            await operator.client.get("/api/v3/depth?symbol=ABC")
            await operator.client.get("/api/v3/depth?symbol=abc")
            seen = await scraped(operator)
    assert seen["pitwire_requests_total", "200", "order.place"] == 1
    assert seen["pitwire_requests_total", "400", "depth"] == 1
    assert seen["pitwire_requests_total", "400", "malformed"] == 1
    assert seen["pitwire_request_seconds_count", "order.place"] == 1
    assert seen["pitwire_request_seconds_bucket", "+Inf", "order.place"] == 1
    assert seen["pitwire_open_orders", "BTCUSDT"] == 1
    assert seen["pitwire_open_orders", "ETHUSDT"] == 0
    assert seen["pitwire_connections", "websocket_api"] == 1
    assert seen["pitwire_connections", "streams"] == 1
    assert seen["pitwire_connections", "http"] == 1
    assert seen["pitwire_stream_receivers", "user_data"] == 1
    assert seen["pitwire_stream_receivers", "market"] == 1
    assert seen["pitwire_sequence_total",] == exchange.sequencer.last_sequence
    batches = seen["pitwire_log_batch_commands_count",]
    assert batches >= 2
    assert seen["pitwire_log_batch_commands_sum",] == exchange.sequencer.last_sequence
    assert seen["pitwire_log_append_seconds_count",] == batches
    assert seen["pitwire_halted",] == 0
    assert seen["pitwire_commands_waiting",] == 0
    assert seen["pitwire_requests_over_limit_total",] == 0


async def test_what_is_refused_for_a_limit_is_counted():
    async with open_operator() as operator:
        while (await operator.client.get("/api/v3/exchangeInfo")).status_code == 200:
            pass
        assert (await scraped(operator))["pitwire_requests_over_limit_total",] == 1


async def test_health_says_what_is_true_and_503_once_nothing_is_executed_any_more():
    async with open_operator() as operator:
        del operator.client.headers["Authorization"]
        answer = await operator.client.get("/health")
        sequence = operator.exchange.sequencer.last_sequence
        assert (answer.status_code, answer.json()) == (200, {"status": "serving", "sequence": sequence})
        operator.exchange._fail(OSError("the disk is gone"))
        answer = await operator.client.get("/health")
        assert (answer.status_code, answer.json()["status"]) == (503, "halted")
        assert answer.json()["reason"] == "the disk is gone"
        assert "pitwire_halted 1.0" in (await operator.client.get("/metrics")).text
        assert (await operator.client.post("/health")).status_code == 405
