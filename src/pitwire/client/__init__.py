"""The client: an asyncio shell around `pitwire.protocol.client_session`."""
