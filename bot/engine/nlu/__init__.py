"""The engine's understanding of a message: sentence encoders, heads, language, and the component that decides."""
