"""The conversation: transcript, composer, and the presenter that runs turns."""
