"""Remote systems that fail: circuit breaker, rate limit, deadlines, retries."""
