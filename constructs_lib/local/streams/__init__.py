"""How Lambda reads a stream: batches, retries and what is given up."""
