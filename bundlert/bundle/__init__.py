"""A folder that holds an application: what is in it, whether it is sound, and how one of its entries runs.

Promises: nothing here imports the computing half or torch; nothing is built before everything that can be seen
statically was checked. Reading order: layout, metadata, assemble, validate, run_folder, session.
"""
