"""The version, in its one place: the wheel, ``strands version`` and every journal take it from here."""

VERSION = "0.2.0"
