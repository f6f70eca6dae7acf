"""The demo: a real Azure Monitor alert over HTTP, its launch as it happens, and the finished incident."""


async def run_demo(intake: str) -> None:
    """Raise a Transient if the launch is not finished in time."""
    del intake
