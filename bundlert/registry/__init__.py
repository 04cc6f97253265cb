"""Names of components: where each stands, what it is for, and which was probably meant. Imports none of them."""
