"""How requests come in and answers go out: admission, limits, handlers, and the WebSocket shell around them."""
