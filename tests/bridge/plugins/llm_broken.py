"""A plugin that cannot be imported."""

raise ImportError("libfoo.so.1: cannot open shared object file")
