"""Makes the parts of the documentation that follow from the code. Run it with ``make docs``.

Three kinds of output: parts of pages, between two markers of cog; diagrams, drawn from walks over the
machines; and the outputs of the notebooks. Everything is deterministic, so that a test can compare what is
committed with what is generated.
"""
