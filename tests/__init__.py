"""The tests, arranged like the rooms; `servers` holds the loopback servers they talk to."""
