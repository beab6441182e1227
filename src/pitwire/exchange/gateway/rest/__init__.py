"""The REST shell: HTTP requests come in here and go the way of every other request."""
