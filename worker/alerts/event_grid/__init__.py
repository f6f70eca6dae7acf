"""What the events of Azure's services say that Event Grid delivers, in either of its schemas."""
