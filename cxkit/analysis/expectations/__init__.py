"""Expectation and reality on plain data: how reliable their difference is, and a model of both."""
