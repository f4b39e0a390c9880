"""Signal arithmetic that knows no voice."""
