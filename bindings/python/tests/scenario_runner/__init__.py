"""The runner of tests/scenarios in Python, on the public interface of the binding."""
