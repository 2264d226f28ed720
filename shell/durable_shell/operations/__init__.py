"""What can be done with workflows and sessions, whoever asks for it."""
