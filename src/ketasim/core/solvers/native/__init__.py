"""The native engine: any traced system compiled for this processor, many subjects per vector."""
