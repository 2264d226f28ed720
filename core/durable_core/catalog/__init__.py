"""The catalog: choosing among sessions, by a word that a person wrote or by their age."""
