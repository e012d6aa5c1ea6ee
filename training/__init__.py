"""How the shipped models are made: the training text, the trainer, and the sets they are judged on."""
