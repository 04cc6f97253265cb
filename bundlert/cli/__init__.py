"""Commands: one module each parses words, calls one function below, and prints. Errors become exit codes in `main`."""
