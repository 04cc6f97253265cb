"""Building blocks of networks: convolutions with norm and activation, residual units."""
