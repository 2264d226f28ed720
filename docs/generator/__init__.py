"""Makes the parts of the documentation that follow from the code. Run it with ``make docs``.

Three kinds of output: blocks inside pages, between a ``generated`` marker and its end; diagrams, drawn from
walks over the machines; and the outputs of the notebooks. Everything is deterministic, so that a test can
compare what is committed with what is generated.
"""
