"""Tests of what one row or table says of another."""
