"""One training, round after round: who is here, who is asked, what became of it. No messages."""
