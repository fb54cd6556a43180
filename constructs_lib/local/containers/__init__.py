"""Model servers as local processes, alone or together."""
