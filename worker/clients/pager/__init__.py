"""A page to whatever pager a house has: a webhook, signed as Standard Webhooks say."""
