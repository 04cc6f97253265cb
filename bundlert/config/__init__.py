"""Text becomes a tree, the tree becomes objects: load, merge, override, expand macros, check, build.

Promises: every value knows its file, line and column; `load`, `merge` and `check` execute nothing and import no
component; a node is built at most once, and only if somebody needs it. Reading order: tree, load, yaml_text,
json_text, merge, macros, syntax, references; check and what it asks; build, component, failures; dump. Expressions are
in `evaluation`, the signatures of components in `introspection`.
"""
