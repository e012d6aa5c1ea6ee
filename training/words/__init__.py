"""A word model from scratch: hashed words, two recurrent layers, a conditional random field on top."""
