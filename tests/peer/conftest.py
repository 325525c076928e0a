"""The environment of tests/fetch: no token, cache or endpoint of whoever runs the tests, and pauses too short to notice."""

from tests.fetch.conftest import apart  # noqa: F401 - a fixture, used by being here
