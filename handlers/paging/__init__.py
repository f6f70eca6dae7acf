"""How a person is reached: a file for each way, and the steps that go them."""
