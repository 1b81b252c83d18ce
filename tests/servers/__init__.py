"""Loopback servers: real sockets that speak each provider's protocol. No test needs the net."""
