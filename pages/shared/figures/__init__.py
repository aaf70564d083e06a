"""Figures: arrays to go.Figure, without Streamlit."""
