"""Tests of loading, one module per thing that can go wrong."""
