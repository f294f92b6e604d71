import pytest

pytest.register_assert_rewrite("tests.services.bench")  # before anything imports it: its assertions explain themselves
