from pitwire.exchange.messages import OrderView
from pitwire.exchange.participants.resting import RestingOrders
from pitwire.market.enums import OrderStatus, OrderType, SelfTradePrevention, Side, TimeInForce


def order(client_order_id, side, price, quantity, executed=0, status=OrderStatus.NEW):
    return OrderView(
        order_id=1,
        account=1001,
        symbol="X",
        client_order_id=client_order_id,
        side=side,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        price=price,
        quantity=quantity,
        quote_quantity=0,
        status=status,
        executed=executed,
        quote_executed=0,
        created_us=0,
        updated_us=0,
        working_us=0,
        self_trade_prevention=SelfTradePrevention.NONE,
    )


def test_what_rests_follows_the_outcomes_in_the_order_of_arrival():
    resting = RestingOrders()
    resting.learn(order("a", Side.BUY, 100, 5))
    resting.learn(order("b", Side.BUY, 100, 3))
    resting.learn(order("a", Side.BUY, 100, 5, 2, OrderStatus.PARTIALLY_FILLED))
    assert list(resting.at(Side.BUY, 100).items()) == [("a", 3), ("b", 3)]
    resting.learn(order("a", Side.BUY, 100, 5, 5, OrderStatus.FILLED))
    resting.learn(order("b", Side.BUY, 100, 3, 0, OrderStatus.CANCELED))
    assert resting.at(Side.BUY, 100) == {}
    assert resting.best(Side.BUY) is None


def test_an_order_that_never_rested_leaves_nothing():
    resting = RestingOrders()
    resting.learn(order("a", Side.SELL, 100, 5, 0, OrderStatus.EXPIRED))
    assert resting.prices() == []


def test_better_means_higher_for_bids_and_lower_for_asks():
    resting = RestingOrders()
    for side in Side:
        for price in (101, 99, 100, 102):
            resting.learn(order(f"{side}{price}", side, price, 1))
    assert resting.better_than(Side.BUY, 100) == [102, 101]
    assert resting.better_than(Side.SELL, 101) == [99, 100]
    assert (resting.best(Side.BUY), resting.best(Side.SELL)) == (102, 99)
    assert len(resting.prices()) == 8
