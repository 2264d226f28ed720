"""The SDK's models, one module a provider, with what they lose of the wire: why an answer ended, whether its
usage was reported, and whether it was an answer at all."""
