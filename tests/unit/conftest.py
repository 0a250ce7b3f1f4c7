"""The fixtures of these tests."""

from unit.examples import small

__all__ = ["small"]
