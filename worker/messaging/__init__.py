"""The border to Service Bus, and the loop that receives, decodes and settles messages."""
