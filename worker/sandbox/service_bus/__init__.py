"""A queue that speaks AMQP 1.0 as Azure Service Bus does."""
