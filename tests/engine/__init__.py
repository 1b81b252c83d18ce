"""The engine processes of models on this computer, with the real engine and the tiny model."""
